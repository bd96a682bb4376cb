"""Names of what compression leaves beside the model."""

from collections.abc import Mapping
from typing import Final

from secmlops.training.compress.settings import CompressSettings, Scheme, Student

UNCOMPRESSED: Final = "uncompressed.onnx"
"""The model as it was exported."""
UNCOMPRESSED_ANSWERS: Final = "uncompressed.npy"
"""The estimator's own answers to the holdout; those of the model that was compressed stand where they always do."""
WAYS = (*map(str, Student), "prune", "leaves", *map(str, Scheme))
"""Names of the ways, in the order in which they are gone one after another."""


def way_file(name: str) -> str:
    """File with the model that one way alone makes."""
    return f"way-{name}.onnx"


def compressed_files(settings: CompressSettings, model: int, answers: int) -> Mapping[str, int]:
    """Largest size of each file that compression may leave, for a largest model and answers of so many bytes."""
    ways = WAYS if settings.compare else ()
    return {UNCOMPRESSED: model, UNCOMPRESSED_ANSWERS: answers, **{way_file(name): model for name in ways}}
