"""Names of what compression leaves beside the model."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from secmlops.training.compress.settings import CompressSettings, Scheme, Student

UNCOMPRESSED: Final = "uncompressed.onnx"
"""The model as it was exported."""
UNCOMPRESSED_ANSWERS: Final = "uncompressed_outputs"
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


def compressed_products(
    settings: CompressSettings, left: Iterable[str], read: Callable[[str], bytes]
) -> Mapping[str, bytes]:
    """What compression left, by name; ``read`` gives a file or raises, ``left`` are the names of those there are."""
    ways = [way_file(name) for name in WAYS if settings.compare and way_file(name) in set(left)]
    return {name: read(name) for name in (UNCOMPRESSED, UNCOMPRESSED_ANSWERS, *ways)}


def compressed_ways(made: Iterable[str]) -> Mapping[str, str]:
    """Files among those ``made`` that hold the model of one way alone, by the name of the way."""
    return {name: way_file(name) for name in WAYS if way_file(name) in set(made)}
