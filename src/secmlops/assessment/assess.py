"""Running the battery on a model: each part leaves signed evidence in a ledger, and what is there is not run again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import numpy as np

from secmlops.assessment.battery import BATTERY, Line, Part
from secmlops.assessment.foreign import Assessed
from secmlops.core.clock import Clock
from secmlops.core.condition import Condition
from secmlops.core.errors import InputError
from secmlops.core.evidence import Evidence
from secmlops.core.policy import Docket, Reason, Require
from secmlops.data.columns.store import ColumnStore
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.lifecycle.runner import Listener, Runner, Step
from secmlops.trust.local import LocalKeys
from secmlops.trust.roles import Role
from secmlops.vault.vault import Vault

ORIGIN = "secmlops.local/assessment"
_TIMED = 1_000
"""Rows that are asked about to learn how quick the model is."""
_OTHER_SECONDS = 1.0
"""Rough time of a part beside the model's answers."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line of an assessment: what was tried, its evidence, the measure that counts, and what a gate says of it."""

    part: Part
    line: Line
    evidence: Evidence
    measure: str | None
    gate: Reason
    budget: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessed model, its results by line, and the quick or full battery that was run."""

    assessed: Assessed
    results: tuple[Result, ...]
    quick: bool

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
    """Run every part of the battery on the model; what the ledger holds already is taken from there.

    ``require`` are conditions of a project, by measure; ``announce`` is told before each part how long it may take.
    """
    results: list[Result] = []
    seconds = seconds_a_row(assessed)
    steps = [(part, Step(part.control(quick), assessed.subject, lambda: assessed.model, assessed.materials))
             for part in BATTERY]  # fmt: skip
    for place, (part, step) in enumerate(steps):
        left = [p.asked(s.control) * seconds + _OTHER_SECONDS for p, s in steps[place:] if runner.held(s) is None]
        if runner.held(step) is None:
            announce(f"{part.name}: about {left[0]:.0f} s, {sum(left):.0f} s in all that is left")
        evidence = runner.perform(step)
        results += _results(part, evidence, runner, (require, part.budget(step.control)))
    return Assessment(assessed, tuple(results), quick)


def seconds_a_row(assessed: Assessed) -> float:
    """Seconds that the model takes for a row, among a thousand."""
    holdout = assessed.model.holdout.inputs
    rows = holdout.take(np.resize(np.arange(len(holdout)), _TIMED))
    start = perf_counter()
    assessed.model.predictor.predict(rows)
    return (perf_counter() - start) / _TIMED


def _results(part: Part, evidence: Evidence, runner: Runner, given: tuple[Mapping[str, str], str]) -> Iterator[Result]:
    require, budget = given
    for line in part.lines:
        measure = line.measure(evidence)
        yield Result(part, line, evidence, measure, _word(evidence, measure, runner, require), budget)


def _word(evidence: Evidence, measure: str | None, runner: Runner, require: Mapping[str, str]) -> Reason:
    """What a gate says: by the first condition of the project on this measure, or that the control passed at all."""
    control = evidence.control.id
    found = list(_conditions(control, require))
    named = [condition for condition in found if condition.measure == measure] or [Require(control)]
    docket = Docket(frozenset({evidence.subject.digest}), runner.book.all(), runner.clock())
    reasons = [reason for rule in named for reason in rule.judge(docket).reasons]
    return next((reason for reason in reasons if not reason.holds), reasons[0])


def _conditions(control: str, require: Mapping[str, str]) -> Sequence[Require]:
    mine = {name.removeprefix(f"{control}."): text for name, text in require.items() if name.startswith(f"{control}.")}
    read = {name: Condition.parse(text) for name, text in mine.items()}
    return [Require(control, measure=condition.measure(name), condition=condition) for name, condition in read.items()]
