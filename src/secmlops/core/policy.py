"""Policies: small rules over evidence that compose, and the verdict they give. Emptiness is shut; doubt is shut."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from secmlops.core.condition import Condition
from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.finding import Severity

CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Attested:
    """Evidence whose signature was verified, with the roles of the signing key that may attest this control.

    ``roles`` is empty when the key is unknown, withdrawn, or may not speak for the control: such evidence opens
    nothing. ``index`` is its place in the ledger: of two statements the later place wins, whatever their clocks say.
    ``revoked``: the key spoke for this control until it was revoked; what it took away stays taken.
    """

    evidence: Evidence
    roles: frozenset[str]
    index: int
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Docket:
    """What lies before the gate: the subjects in question, all evidence at hand, and the moment of judging (UTC)."""

    subjects: frozenset[Digest]
    evidence: Sequence[Attested]
    now: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rule holds or not, in words."""

    rule: str
    holds: bool
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Open or shut, and every reason for it."""

    open: bool
    reasons: tuple[Reason, ...]

    @property
    def obstacles(self) -> tuple[Reason, ...]:
        """The reasons that keep the gate shut."""
        return tuple(r for r in self.reasons if not r.holds)


class Policy(Protocol):
    """Anything that can judge a docket."""

    def judge(self, docket: Docket, /) -> Verdict:
        """Verdict on the docket."""
        ...


@dataclass(frozen=True, slots=True)
class Require:
    """The latest evidence of ``control`` about a subject of the docket passed.

    Optionally one of its ``measure`` meets ``condition``, it is at most ``within`` old, a key in role ``by`` signed it,
    and the control ran with the ``settings`` of this digest: laxer ones open nothing. Evidence dated further ahead than
    the clock tolerance is refused: the clock that signed it cannot be believed. A word by a key that may not attest the
    control shuts, until a key that may speaks again: whoever withdraws a key cannot thereby undo what it said.
    """

    control: str
    measure: str | None = None
    condition: Condition | None = None
    within: timedelta | None = None
    by: str | None = None
    settings: Digest | None = None
    note: str = ""

    @property
    def rule(self) -> str:
        """The rule in words, with the ``note`` that whoever reads the verdict should know."""
        note = f" ({self.note})" if self.note else ""
        if self.measure and self.condition:
            return f"{self.control}.{self.measure} {self.condition}{note}"
        return f"{self.control} must pass{note}"

    def judge(self, docket: Docket, /) -> Verdict:
        """Verdict with one reason."""
        about = [a for a in docket.evidence if a.evidence.control.id == self.control]
        ours = [a for a in about if a.evidence.subject.digest in docket.subjects]
        if not ours:
            why = "no evidence" if not about else "evidence is about another digest"
            return self._verdict(False, why)
        latest = max(ours, key=lambda a: a.index)
        return self._weigh(latest, docket.now)

    def _weigh(self, latest: Attested, now: datetime) -> Verdict:
        evidence = latest.evidence
        for obstacle in (self._unsigned(latest), self._untimely(evidence, now), self._unfit(evidence)):
            if obstacle:
                return self._verdict(False, obstacle)
        shown = f"{self.measure} = {evidence.measures[self.measure]:.4g}" if self.measure else "passed"
        return self._verdict(True, shown)

    def _unsigned(self, latest: Attested) -> str:
        if not latest.roles:
            return "signed by a key that may not attest this control, or might not then: revoked, or not yet valid"
        if self.by and self.by not in latest.roles:
            return f"signed in role {', '.join(sorted(latest.roles))}, not {self.by}"
        return ""

    def _untimely(self, evidence: Evidence, now: datetime) -> str:
        if evidence.at - now > CLOCK_TOLERANCE:
            return f"dated in the future ({evidence.at:%Y-%m-%d %H:%M:%S} UTC)"
        if self.within is not None and now - evidence.at > self.within:
            return f"stale: {_told(now - evidence.at)} old, allowed {_told(self.within)}"
        return ""

    def _unfit(self, evidence: Evidence) -> str:
        if self.settings is not None and evidence.control.settings != self.settings:
            return "ran with other settings than the project asks for"
        if evidence.outcome is not Outcome.PASSED:
            worst_first = sorted(evidence.findings, key=lambda f: f.severity is not Severity.ERROR)
            told = [f"{f.where}: {f.message}" if f.where else f.message for f in worst_first[:1]]
            return ": ".join([evidence.outcome, *told])
        if (self.measure is None) != (self.condition is None):
            return "a measure without a condition, or a condition without a measure"
        if self.measure is None or self.condition is None:
            return ""
        if self.measure not in evidence.measures:
            return f"{self.control} gives no measure named {self.measure}"
        value = evidence.measures[self.measure]
        return "" if self.condition.met_by(value) else f"{self.measure} = {value:.4g}, required {self.condition}"

    def _verdict(self, holds: bool, why: str) -> Verdict:
        return Verdict(holds, (Reason(self.rule, holds, why),))


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of the policies holds, and there is at least one."""

    policies: tuple[Policy, ...]

    def judge(self, docket: Docket, /) -> Verdict:
        """Verdict with the reasons of all."""
        verdicts = [p.judge(docket) for p in self.policies]
        if not verdicts:
            return Verdict(False, (Reason("all of", False, "an empty policy is shut"),))
        return Verdict(all(v.open for v in verdicts), tuple(r for v in verdicts for r in v.reasons))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the policies holds; reasons of the ones that do not are then left out."""

    policies: tuple[Policy, ...]

    def judge(self, docket: Docket, /) -> Verdict:
        """Verdict of the first policy that holds, or all obstacles."""
        verdicts = [p.judge(docket) for p in self.policies]
        if not verdicts:
            return Verdict(False, (Reason("any of", False, "an empty policy is shut"),))
        held = next((v for v in verdicts if v.open), None)
        return held or Verdict(False, tuple(r for v in verdicts for r in v.reasons))


def _told(span: timedelta) -> str:
    """A span of time in words, rounded down."""
    return f"{span.days} days" if span.days else f"{span.seconds // 3600} hours"
