"""Triggers in a finished model: found again from what the model answers, and told from what honest data explain."""
