"""Coverage: which threats are answered by evidence, which in part, which only by configuration, which not at all."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from secmlops.core.evidence import Outcome
from secmlops.design.catalogue import Catalogue, Entry, catalogue


class State(StrEnum):
    """How a threat is answered, best first."""

    EVIDENCE = "evidence"
    PARTLY = "partly"
    CONFIGURATION = "configuration"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Covered:
    """A threat, how it is answered, and by which controls; ``passed`` are those whose evidence passed.

    ``partial`` says that none of the controls claims more than to make the threat smaller.
    """

    threat: Entry
    state: State
    controls: tuple[str, ...]
    passed: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Claims:
    """The threat ids that each configured control declares, by control: those it answers, and those it only reduces."""

    answers: Mapping[str, Collection[str]]
    reduces: Mapping[str, Collection[str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, dict[str, list[str]]]:
        """Return the claims as JSON, sorted."""
        return {
            name: {control: sorted(ids) for control, ids in sorted(claims.items())}
            for name, claims in (("answers", self.answers), ("reduces", self.reduces))
        }

    def by(self, control: str) -> frozenset[str]:
        """All that ``control`` declares, in whole or in part."""
        return frozenset(self.answers.get(control, ())) | frozenset(self.reduces.get(control, ()))

    @property
    def controls(self) -> tuple[str, ...]:
        """The controls, sorted."""
        return tuple(sorted({*self.answers, *self.reduces}))


def coverage(
    threats: Iterable[Entry], claims: Claims, outcomes: Mapping[str, Outcome] | None = None
) -> tuple[Covered, ...]:
    """State of every threat under the ``claims`` of the configured controls.

    ``outcomes`` are those of the controls' valid evidence (whether it is valid, the gate decides); a control whose
    evidence failed, errored, was skipped or is absent answers by configuration only. What passed and only reduces a
    threat answers it partly. A control answers what it declares and what ``same_as`` says is the same attack. An ATLAS
    technique is answered at least as well as the worst answered of its sub-techniques.
    """
    answers = _Answers(catalogue(), claims, outcomes or {})
    return tuple(answers.to(threat) for threat in threats)


@dataclass(frozen=True, slots=True)
class _Answers:
    catalogue: Catalogue
    claims: Claims
    outcomes: Mapping[str, Outcome]

    def to(self, threat: Entry) -> Covered:
        own = self._declared(threat)
        parts = [self._declared(part) for part in self.catalogue.parts(threat.id)]
        if not parts:
            return own
        together = Covered(
            threat,
            max((p.state for p in parts), key=_rank),
            tuple(sorted({c for p in parts for c in p.controls})),
            tuple(sorted({c for p in parts for c in p.passed})),
            any(p.partial for p in parts),
        )
        return together if _rank(together.state) < _rank(own.state) else own

    def _declared(self, threat: Entry) -> Covered:
        names = {threat.id, *threat.same_as}
        whole = {c for c, declared in self.claims.answers.items() if not names.isdisjoint(declared)}
        part = {c for c, declared in self.claims.reduces.items() if not names.isdisjoint(declared)}
        controls = tuple(sorted(whole | part))
        passed = tuple(c for c in controls if self.outcomes.get(c) is Outcome.PASSED)
        return Covered(threat, _state(controls, passed, whole), controls, passed, partial=bool(controls) and not whole)


def _state(controls: Collection[str], passed: Collection[str], whole: Collection[str]) -> State:
    if any(control in whole for control in passed):
        return State.EVIDENCE
    if passed:
        return State.PARTLY
    return State.CONFIGURATION if controls else State.NONE


def _rank(state: State) -> int:
    """Place in the order of the states: 0 is the best."""
    return list(State).index(state)
