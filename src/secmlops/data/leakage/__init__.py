"""Finds features and splits that give the answer away before the model is asked."""
