"""Attacks on a model that see only what it answers: extraction, membership inference; no input or output.

Every attack takes an oracle, a function from rows to scores, and randomness from a generator that is handed in.
"""
