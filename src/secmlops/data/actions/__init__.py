"""What can be done to a column so that it no longer tells about a person: one action per file."""
