"""Coverage: which threats are answered by evidence, which only by configuration, and which not at all."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from secmlops.core.evidence import Outcome
from secmlops.design.catalogue import Catalogue, Entry, catalogue


class State(StrEnum):
    """How a threat is answered, best first."""

    EVIDENCE = "evidence"
    CONFIGURATION = "configuration"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Covered:
    """A threat, how it is answered, and by which controls; ``passed`` are those whose evidence passed."""

    threat: Entry
    state: State
    controls: tuple[str, ...]
    passed: tuple[str, ...] = ()


def coverage(
    threats: Iterable[Entry],
    controls: Mapping[str, Collection[str]],
    outcomes: Mapping[str, Outcome] | None = None,
) -> tuple[Covered, ...]:
    """State of every threat under ``controls``, the threat ids that each configured control declares.

    ``outcomes`` are those of the controls' valid evidence (whether it is valid, the gate decides); a control whose
    evidence failed, errored, was skipped or is absent answers by configuration only. A control answers what it
    declares and what ``same_as`` says is the same attack. An ATLAS technique that no control declares is answered as
    well as the worst answered of its sub-techniques.
    """
    answers = _Answers(catalogue(), controls, outcomes or {})
    return tuple(answers.to(threat) for threat in threats)


@dataclass(frozen=True, slots=True)
class _Answers:
    catalogue: Catalogue
    controls: Mapping[str, Collection[str]]
    outcomes: Mapping[str, Outcome]

    def to(self, threat: Entry) -> Covered:
        own = self._declared(threat)
        parts = self.catalogue.parts(threat.id)
        if own.controls or not parts:
            return own
        answered = [self._declared(part) for part in parts]
        worst = max((a.state for a in answered), key=list(State).index)
        if worst is State.NONE:
            return own
        return Covered(
            threat,
            worst,
            tuple(sorted({c for a in answered for c in a.controls})),
            tuple(sorted({c for a in answered for c in a.passed})),
        )

    def _declared(self, threat: Entry) -> Covered:
        names = {threat.id, *threat.same_as}
        controls = tuple(sorted(c for c, declared in self.controls.items() if not names.isdisjoint(declared)))
        passed = tuple(c for c in controls if self.outcomes.get(c) is Outcome.PASSED)
        state = State.EVIDENCE if passed else State.CONFIGURATION if controls else State.NONE
        return Covered(threat, state, controls, passed)
