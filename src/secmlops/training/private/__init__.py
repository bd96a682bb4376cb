"""Differentially private training: a model that says next to nothing of any one row, for a stated epsilon and delta."""
