"""The one contract that every safeguard fulfils, built in or brought by a plugin."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar

from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage

A_contra = TypeVar("A_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Examination:
    """What a control brings back: an outcome, findings, measures, and the bytes it made, by name.

    ``materials`` names what the control read beside its subject.
    """

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)
    products: Mapping[str, bytes] = field(default_factory=dict)
    materials: Mapping[str, Digest] = field(default_factory=dict)

    @classmethod
    def judged(
        cls,
        findings: tuple[Finding, ...],
        measures: Mapping[str, float] | None = None,
        products: Mapping[str, bytes] | None = None,
        materials: Mapping[str, Digest] | None = None,
    ) -> "Examination":
        """Examination that failed if any finding is an error, and passed otherwise."""
        failed = any(f.severity is Severity.ERROR for f in findings)
        outcome = Outcome.FAILED if failed else Outcome.PASSED
        return cls(outcome, findings, measures or {}, products or {}, materials or {})


class Control(Protocol[A_contra]):
    """A safeguard: a frozen dataclass whose fields are its settings, with a default for each.

    ``id`` is ``stage.name``; ``version`` changes whenever the same artifact and settings could give another result;
    ``threats`` are public ids from the catalogue (``atlas:AML.T0020``, ``stride:tampering``, ``owasp-ml:ML02``,
    ``nist-ai-100-2:NISTAML.013``) of what the control prevents, or would find by a test; what it only makes smaller
    stands in ``reduces``, a tuple of the same kind that a class may leave out. A class that may have nothing to act on
    names in ``acts_on`` the measure that counts it: evidence where that is 0 answers no threat. ``examine`` is a
    function of the artifact and the settings only: no clock, no global state, no randomness that is not seeded by a
    setting. What it cannot find out it reports as skipped or errored; an exception is recorded as errored.
    """

    id: ClassVar[str]
    version: ClassVar[str]
    stage: ClassVar[Stage]
    threats: ClassVar[tuple[str, ...]]

    def examine(self, artifact: A_contra, /) -> Examination:
        """Look at ``artifact`` and say what was found."""
        ...


def reduced_threats(control: Control[Any]) -> tuple[str, ...]:
    """Ids of the threats that ``control`` only makes smaller."""
    return tuple(getattr(control, "reduces", ()))


def has_acted(control: Control[Any], evidence: Evidence) -> bool:
    """Whether ``evidence`` of ``control`` is about something that was done: its ``acts_on`` measure is not 0."""
    measure = getattr(control, "acts_on", "")
    return not measure or evidence.measures.get(measure, 0) > 0
