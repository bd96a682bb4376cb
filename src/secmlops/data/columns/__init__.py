"""Data sets at rest: every column a Parquet file encrypted under a key of its own, read by those who may see it."""
