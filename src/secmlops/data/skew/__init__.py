"""Measures whether two tables come from the same world."""
