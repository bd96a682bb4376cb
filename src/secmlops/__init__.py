"""secmlops: security in every stage of the machine-learning lifecycle, as code, measured, with signed evidence."""

__version__ = "0.1.0"
