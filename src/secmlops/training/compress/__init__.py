"""Compression: a finished ONNX model is distilled, pruned or quantised, and stays an ONNX model of the same inputs."""
