"""What training hands over to the sandbox that compresses: files, their sizes, and the work itself.

It stands on the side of whoever runs both, and loads none of what compresses.
"""

from collections.abc import Mapping
from dataclasses import replace

from secmlops.training.sandbox.run import Result, Work

_TARGET = "secmlops.training.compress.apart:run"
MODEL, ANSWERS, KIND, UNSEEN = "model.onnx", "holdout.npy", "trees.txt", "unseen.bin"
TOLD = {KIND: 64, UNSEEN: 64 << 20}
"""Files that say what is known of the trees, and their largest sizes."""
_INPUTS = ("orders.json", "train.arrow", "holdout.arrow", "target.npy")


def compressing(training: Work, trained: Result, outputs: Mapping[str, int]) -> Work:
    """Work that compresses what the ``training`` left, and may leave ``outputs``; raises what ended the training."""
    inputs = {name: trained.output(name) for name in (MODEL, ANSWERS)}
    inputs |= {name: training.inputs[name] for name in _INPUTS}
    inputs |= {name: trained.answers[name] for name in TOLD if name in trained.answers}
    return Work(_TARGET, inputs, outputs, training.seed)


def joined(trained: Result, compressed: Result) -> Result:
    """One result of both: what the second left in place of the first one's, and the time of both."""
    return replace(
        trained,
        answers={**trained.answers, **compressed.answers},
        failure=compressed.failure,
        seconds=trained.seconds + compressed.seconds,
        cpu_seconds=trained.cpu_seconds + compressed.cpu_seconds,
        peak_memory_bytes=max(trained.peak_memory_bytes, compressed.peak_memory_bytes),
    )
