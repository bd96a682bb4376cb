"""Reasons for one decision: how much each feature moved the answer, as Shapley values of an ONNX model."""
