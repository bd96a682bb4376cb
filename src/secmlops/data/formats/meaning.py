"""What the texts of a column mean: the type they are read in, how they become it, and what is said of a guess."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa

from secmlops.data.arrow import Values


@dataclass(frozen=True, slots=True)
class Meaning:
    """``convert`` makes values of type ``kind`` of texts, null where they are; ``note`` is empty if it is obvious."""

    kind: pa.DataType
    convert: Callable[[Values], Values] = field(repr=False)
    note: str = ""


def text(note: str = "") -> Meaning:
    """Texts that are nothing but texts."""
    return Meaning(pa.string(), lambda texts: texts, note)
