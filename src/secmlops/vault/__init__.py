"""Bytes stored encrypted, each object under a key of its own, and fetched by digest."""
