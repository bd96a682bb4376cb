"""Recognisers of personal data: one file for each kind, and what they have in common."""
