"""Carries out what is to be done with each column that holds personal data."""
