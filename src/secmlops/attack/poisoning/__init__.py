"""Attacks on training data, to try defences with: each takes honest examples and says which rows it made bad."""
