"""Where a project stands, without running anything: what holds, what would run and why, which gate is shut."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from secmlops.core.control import has_acted
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.policy import Verdict
from secmlops.core.stage import Stage
from secmlops.design.threat_model import ThreatModel, threat_model
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.run import STAGES, Steps, gate_of
from secmlops.lifecycle.runner import Runner, Step
from secmlops.lifecycle.stages.design import claims_of, facts_of


class Standing(StrEnum):
    """What holds for one control at this moment."""

    HOLDS = "holds"
    FAILED = "failed"
    TO_RUN = "to run"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class ControlStanding:
    """One control: whether its evidence holds, and if not, why it would run."""

    control: str
    standing: Standing
    why: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class StageStanding:
    """One stage: its controls, and the verdict of its gate on the evidence as it stands."""

    stage: Stage
    controls: tuple[ControlStanding, ...]
    verdict: Verdict


def survey(journey: Journey) -> list[StageStanding]:
    """Look at every stage in order. Nothing is run, nothing is recorded.

    What waits is what needs something that is not made yet, and what lies behind a control that failed.
    """
    standings: list[StageStanding] = []
    reached = True
    for stage, steps in STAGES.items():
        looked = list(_look(journey, steps(journey))) if reached else []
        seen = {c.control for c in looked}
        behind = [c for c in journey.controls.values() if c.stage is stage and c.id not in seen]
        waiting = [ControlStanding(c.id, Standing.WAITING, "waits for what comes before it") for c in behind]
        verdict = gate_of(journey, stage).judge(journey.runner.book, journey.runner.clock())
        standings.append(StageStanding(stage, (*looked, *waiting), verdict))
        reached = reached and all(c.standing is not Standing.FAILED for c in looked)
    return standings


def _look(journey: Journey, steps: Steps) -> Iterator[ControlStanding]:
    held: Evidence | None = None
    while True:
        try:
            step = steps.send(held)
        except StopIteration:
            return
        held = journey.runner.held(step)
        if held:
            journey.evidence[step.control.id] = held
        yield _standing(journey.runner, step, held)


def _standing(runner: Runner, step: Step, held: Evidence | None) -> ControlStanding:
    if held is None:
        return ControlStanding(step.control.id, Standing.TO_RUN, _why(runner, step))
    if held.outcome is Outcome.PASSED:
        return ControlStanding(step.control.id, Standing.HOLDS, "evidence holds", held)
    return ControlStanding(step.control.id, Standing.FAILED, f"{held.outcome} the last time", held)


def _why(runner: Runner, step: Step) -> str:
    latest = runner.book.latest(step.control.id)
    if latest is None:
        return "never ran"
    return runner.why_not(step, latest) or "its evidence is about another subject"


def answered_threats(journey: Journey) -> ThreatModel:
    """Threat model of the project: a control counts when what it found holds now, passed, and acted on something."""
    said = {c.control: c.evidence for s in survey(journey) for c in s.controls if c.standing is Standing.HOLDS}
    acted = [name for name, evidence in said.items() if evidence and has_acted(journey.controls[name], evidence)]
    return threat_model(facts_of(journey), claims_of(journey), dict.fromkeys(acted, Outcome.PASSED))
