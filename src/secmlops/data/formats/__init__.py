"""File formats of tables: one file for each format and each question that a format leaves open."""
