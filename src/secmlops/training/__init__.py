"""Training where nobody can reach in or out: a sandbox, built-in models, and the way from an estimator to ONNX."""
