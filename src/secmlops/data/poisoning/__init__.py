"""Poison in training data, looked for before training: wrong labels, planted triggers, weighty copies, bad sources."""
