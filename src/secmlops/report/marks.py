"""Marks: a sign and a word for how something stands, so that colour only repeats what is already said."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from secmlops.core.evidence import Outcome
from secmlops.lifecycle.survey import ControlStanding, Standing


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign, a word, and the tone in which the style sheet paints them: good, bad, doubt or quiet."""

    sign: str
    word: str
    tone: str


OPEN = Mark("✓", "open", "good")
SHUT = Mark("✗", "shut", "bad")
HOLDS = Mark("✓", "holds", "good")
FAILS = Mark("✗", "does not hold", "bad")
ABSENT = Mark("·", "not there yet", "quiet")

_OUTCOMES: Mapping[Outcome, Mark] = MappingProxyType(
    {
        Outcome.PASSED: Mark("✓", "passed", "good"),
        Outcome.FAILED: Mark("✗", "failed", "bad"),
        Outcome.ERRORED: Mark("!", "errored", "bad"),
        Outcome.SKIPPED: Mark("-", "skipped", "doubt"),
    }
)
_STANDINGS: Mapping[Standing, Mark] = MappingProxyType(
    {
        Standing.HOLDS: Mark("✓", "passed", "good"),
        Standing.FAILED: Mark("✗", "failed", "bad"),
        Standing.TO_RUN: Mark("→", "to run", "doubt"),
        Standing.WAITING: Mark("·", "waiting", "quiet"),
    }
)


def mark_of(control: ControlStanding) -> Mark:
    """Mark of a control: its outcome where it has evidence, and otherwise how it stands."""
    if control.evidence and control.standing in (Standing.HOLDS, Standing.FAILED):
        return _OUTCOMES[control.evidence.outcome]
    return _STANDINGS[control.standing]


def gate_mark(is_open: bool) -> Mark:
    """Mark of a gate."""
    return OPEN if is_open else SHUT


def check_mark(holds: bool) -> Mark:
    """Mark of a check."""
    return HOLDS if holds else FAILS
