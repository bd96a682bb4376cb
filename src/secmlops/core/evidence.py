"""What a control found out about one subject: the unit that is signed, appended to the ledger and read by gates."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject


class Outcome(StrEnum):
    """How an examination ended. Only ``passed`` ever opens a gate."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ControlRef:
    """Which control spoke: its id, its version, and the digest of the settings it ran with."""

    id: str
    version: str
    settings: Digest


@dataclass(frozen=True, slots=True)
class Price:
    """What an examination cost: wall and CPU seconds, peak resident memory and bytes produced."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0
    produced_bytes: int = 0

    def __add__(self, other: "Price") -> "Price":
        """Add two prices: times and bytes add up, the peak is the larger one."""
        return Price(
            self.wall_s + other.wall_s,
            self.cpu_s + other.cpu_s,
            max(self.peak_bytes, other.peak_bytes),
            self.produced_bytes + other.produced_bytes,
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """One control's statement about one subject.

    ``measures`` are finite numbers by name, ``materials`` the digests of everything the control read, ``products`` the
    digests of everything it made, ``at`` the moment in UTC. Raises InputError when a measure is not finite or the
    moment is not in UTC: such evidence could not be read back the same.
    """

    control: ControlRef
    stage: Stage
    subject: Subject
    outcome: Outcome
    at: datetime
    measures: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    materials: Mapping[str, Digest] = field(default_factory=dict)
    products: Mapping[str, Digest] = field(default_factory=dict)
    price: Price = Price()

    def __post_init__(self) -> None:
        for name, value in self.measures.items():
            if not math.isfinite(value):
                raise InputError(
                    f"measure {name} is {value}", where=self.control.id, hint="measures are finite numbers"
                )
        if self.at.utcoffset() != timedelta(0):
            raise InputError("the moment of the evidence is not in UTC", where=self.control.id)
