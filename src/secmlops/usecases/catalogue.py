"""The worked examples by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from secmlops.usecases import credit_risk, diagnostics


class Write(Protocol):
    """Writes the data and the project file of a use case into ``folder``; ``rows`` None means the usual number."""

    def __call__(self, folder: Path, rows: int | None, seed: int) -> None:
        """Write; the same arguments give the same bytes."""
        ...


@dataclass(frozen=True, slots=True)
class UseCase:
    """A worked example: what it is about in one sentence, and how it is written."""

    about: str
    write: Write


USE_CASES: Mapping[str, UseCase] = MappingProxyType(
    {
        "credit-risk": UseCase("who will fail to pay back a loan, from invented applications", credit_risk.write),
        "diagnostics": UseCase("malignant or benign, from measurements of cell nuclei", diagnostics.write),
    }
)
