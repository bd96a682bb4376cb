"""Detectors on numbers: what is strange, how strange, and since when. No I/O, no clock, no randomness of their own."""
