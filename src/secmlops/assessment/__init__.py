"""What an attacker could do to one model, and how well it was made: a battery of tests on any ONNX model."""
