"""One thing a control noticed, told to a person."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: an ``error`` fails the control, the others are told and recorded."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was noticed (``message``), its rule (``rule``, stable, for filters), the place, and what to do about it.

    A finding never quotes personal data: it names columns, rows and counts.
    """

    rule: str
    severity: Severity
    message: str
    where: str = ""
    hint: str = ""
