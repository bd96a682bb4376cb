"""Learns what a table looks like, and refuses one that is broken or no longer looks like it."""
