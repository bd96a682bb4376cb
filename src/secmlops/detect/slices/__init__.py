"""Slices of a table: ranges of one column, or of two together, in which something is unlike the rest."""
