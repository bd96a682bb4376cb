"""Driving a journey: stage after stage, each step performed, each gate judged; the first shut gate ends it."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass

from secmlops.core.errors import InputError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.policy import Verdict
from secmlops.core.stage import Event, Stage, advance
from secmlops.gate import Gate
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.plan import refuse_missing_extras
from secmlops.lifecycle.policies import stage_policy
from secmlops.lifecycle.runner import Runner, Step
from secmlops.lifecycle.stages.assurance import assurance_steps
from secmlops.lifecycle.stages.data import data_steps
from secmlops.lifecycle.stages.design import design_steps
from secmlops.lifecycle.stages.release import release_steps
from secmlops.lifecycle.stages.training import training_steps
from secmlops.project.load import FILE_NAME

Steps = Generator[Step, Evidence | None, None]

STAGES: Mapping[Stage, Callable[[Journey], Steps]] = {
    Stage.DESIGN: design_steps,
    Stage.DATA: data_steps,
    Stage.TRAINING: training_steps,
    Stage.ASSURANCE: assurance_steps,
    Stage.RELEASE: release_steps,
}


@dataclass(frozen=True, slots=True)
class StageResult:
    """What a stage came to: its evidence, in order, and the verdict of its gate."""

    stage: Stage
    evidence: tuple[Evidence, ...]
    verdict: Verdict


def run(journey: Journey, until: Stage = Stage.RELEASE) -> list[StageResult]:
    """Perform the stages up to ``until``; the last result is the one whose gate is shut, if one is.

    Raises InputError before any data is read where training would need what is not installed.
    """
    refuse_missing_extras(journey.project, journey.folder / FILE_NAME)
    results: list[StageResult] = []
    stage = Stage.DESIGN
    while stage in STAGES:
        evidence = tuple(_perform(journey, STAGES[stage](journey)))
        gate = gate_of(journey, stage)
        now = journey.runner.clock()
        verdict = gate.judge(journey.runner.book, now)
        gate.record(journey.runner.book, verdict, journey.runner.signer(Stage.RELEASE), now)
        results.append(StageResult(stage, evidence, verdict))
        following = advance(stage, Event.GATE_OPENED if verdict.open else Event.GATE_SHUT)
        if stage is until or following is stage:
            break
        stage = following
    return results


def gate_of(journey: Journey, stage: Stage) -> Gate:
    """Gate out of ``stage``, about what the journey has come to so far."""
    policy = stage_policy(stage, journey.controls.values(), journey.project)
    return Gate(stage, policy, journey.subject, journey.subjects)


def _perform(journey: Journey, steps: Steps) -> Generator[Evidence, None, None]:
    evidence: Evidence | None = None
    intact = True
    while True:
        try:
            step = steps.send(evidence)
        except StopIteration:
            return
        evidence = journey.evidence[step.control.id] = _performed(journey.runner, step, intact)
        intact = intact and evidence.outcome is Outcome.PASSED
        yield evidence


def _performed(runner: Runner, step: Step, intact: bool) -> Evidence:
    """Evidence of the step. Input that cannot be used ends the run, unless an earlier control has told of it."""
    try:
        return runner.perform(step)
    except InputError as error:
        if intact:
            raise
        return runner.give_up(step, error)
