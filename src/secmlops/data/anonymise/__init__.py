"""Anonymises a table: classes of rows that nobody can tell apart, kept as small as the privacy models allow."""
