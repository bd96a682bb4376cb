"""A measure for people: its label, how its number is written, and what it says."""

from collections.abc import Callable
from dataclasses import dataclass

from secmlops.report import figures

Write = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A measure for people. ``words`` is empty where the label says all."""

    label: str
    write: Write = figures.number
    words: str = ""


def counts(labels: dict[str, str]) -> dict[str, Meaning]:
    """Meanings of whole numbers, whose labels say all."""
    return {name: Meaning(label, figures.count) for name, label in labels.items()}
