"""Probabilities that come true: a map behind the model, learnt from answers to rows that it had not seen."""
