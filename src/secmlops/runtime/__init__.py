"""What a model is and can do: its signature, its examples, and predictors that run it."""
