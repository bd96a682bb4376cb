"""Running the battery on a model: each part leaves signed evidence in a ledger, and what is there is not run again."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from secmlops.assessment.battery import BATTERY, Line, Part
from secmlops.assessment.foreign import Assessed
from secmlops.assessment.tried import NOTHING, tried
from secmlops.core.clock import Clock
from secmlops.core.condition import Condition
from secmlops.core.control import Control
from secmlops.core.errors import InputError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.policy import Docket, Reason, Require
from secmlops.data.columns.store import ColumnStore
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.lifecycle.registry import configure
from secmlops.lifecycle.runner import Listener, Runner, Step
from secmlops.trust.local import LocalKeys
from secmlops.trust.roles import Role
from secmlops.vault.vault import Vault

ORIGIN = "secmlops.local/assessment"
_TIMED = 1_000
"""Rows that are asked about to learn how quick the model is."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line of an assessment: what was ``tried``, its evidence, the measure that counts, and what a gate says."""

    part: Part
    line: Line
    evidence: Evidence
    measure: str | None
    gate: Reason
    budget: str
    tried: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessed model, its results by line, the quick or full battery, and the parts that had to be run."""

    assessed: Assessed
    results: tuple[Result, ...]
    quick: bool
    ran: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether a gate would let the model through."""
        return all(result.gate.holds for result in self.results)


def runner_in(folder: Path, keys: LocalKeys, clock: Clock, listener: Listener, within: timedelta) -> Runner:
    """Runner with a ledger and a vault in ``folder``, made when they are missing; raises InputError where it cannot."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}", where=str(folder), hint="name another with --keep"
        ) from None
    earlier = keys.ring().keys(Role.LOG)
    ledger = Ledger.open(folder / "ledger.db", keys.signer(Role.LOG), ORIGIN, earlier)
    book, vault = EvidenceBook(ledger, keys.ring), Vault.local(folder / "vault", keys, "assessment")
    columns = ColumnStore.local(folder / "vault", keys, "assessment")
    return Runner(book, vault, columns, keys, clock, listener, within)


def assess(
    assessed: Assessed, runner: Runner, require: Mapping[str, str], *, quick: bool, announce: Callable[[str], None]
) -> Assessment:
    """Run every part of the battery on the model; evidence that passed and is young enough is taken from the ledger.

    ``require`` are conditions of a project, by measure; ``announce`` is told before each part how long it may take.
    """
    results: list[Result] = []
    ran: list[str] = []
    plan = list(_plan(assessed, quick))
    seconds = seconds_a_row(assessed) if any(not _fresh(runner, step) for _, step in plan) else 0.0
    for place, (part, step) in enumerate(plan):
        if not _fresh(runner, step):
            ran.append(part.name)
            left = [p.asked(s.control) * seconds + p.rest for p, s in plan[place:] if not _fresh(runner, s)]
            announce(f"{part.name}: about {left[0]:.0f} s, {sum(left):.0f} s in all that is left")
        evidence = runner.perform(step)
        results += _results(part, evidence, runner, (require, part.budget(step.control)))
    return Assessment(assessed, tuple(results), quick, tuple(ran))


def _plan(assessed: Assessed, quick: bool) -> Iterator[tuple[Part, Step]]:
    """Yield each part with its step: of the model's answers first, then of what it is made of."""
    for part in BATTERY:
        control = _configured(part.control(quick), assessed.settings)
        yield part, Step(control, assessed.subject, lambda: assessed.model, assessed.materials)
    made = assessed.made_of
    if made is None:
        return
    for part in made.parts:
        control = _configured(part.control(quick), assessed.settings)
        yield part, Step(control, assessed.subject, made.candidate, {**assessed.materials, **made.materials})


def _configured(control: Control[Any], settings: Mapping[str, Mapping[str, Any]]) -> Control[Any]:
    """Return the control with the project's own settings over those of the battery."""
    own = settings.get(control.id)
    return configure(control.id, {**dataclasses.asdict(control), **own}) if own else control  # type: ignore[call-overload]


def _fresh(runner: Runner, step: Step) -> bool:
    """Whether the ledger holds evidence young enough; what failed or was skipped is tried again."""
    held = runner.held(step)
    return held is not None and held.outcome is Outcome.PASSED


def seconds_a_row(assessed: Assessed) -> float:
    """Seconds that the model takes for a row, among a thousand."""
    holdout = assessed.model.holdout.inputs
    rows = holdout.take(np.resize(np.arange(len(holdout)), _TIMED))
    start = perf_counter()
    assessed.model.predictor.predict(rows)
    return (perf_counter() - start) / _TIMED


def _results(part: Part, evidence: Evidence, runner: Runner, given: tuple[Mapping[str, str], str]) -> Iterator[Result]:
    require, budget = given
    measures = [line.measure(evidence) for line in part.lines]
    conditions = _conditions(evidence.control.id, require)
    beside = [condition for condition in conditions if condition.measure not in measures]
    for place, (line, measure) in enumerate(zip(part.lines, measures, strict=True)):
        own = [condition for condition in conditions if condition.measure == measure]
        word = _word(evidence, runner, [*own, *(beside if place == 0 else [])])
        what = tried(line.attack, evidence, runner.product) if measure else NOTHING
        yield Result(part, line, evidence, measure, word, budget, what)


def _word(evidence: Evidence, runner: Runner, conditions: Sequence[Require]) -> Reason:
    """What a gate says: by the first of the project's conditions that fails, or that the control passed at all.

    Conditions on measures that no line shows are told in the first line of their control.
    """
    docket = Docket(frozenset({evidence.subject.digest}), runner.book.all(), runner.clock())
    reasons = [reason for rule in conditions or [Require(evidence.control.id)] for reason in rule.judge(docket).reasons]
    return next((reason for reason in reasons if not reason.holds), reasons[0])


def _conditions(control: str, require: Mapping[str, str]) -> Sequence[Require]:
    mine = {name.removeprefix(f"{control}."): text for name, text in require.items() if name.startswith(f"{control}.")}
    read = {name: Condition.parse(text) for name, text in mine.items()}
    return [Require(control, measure=condition.measure(name), condition=condition) for name, condition in read.items()]
