"""The quality of a table: what is missing, repeated, far out or in another unit, and may mislead a model."""
