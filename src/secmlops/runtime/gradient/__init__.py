"""The slope of a model's answers, where its graph is of operators with a known derivative."""
