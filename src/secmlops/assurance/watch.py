"""The control that learns what honest requests look like, and tries the watch on clients out on simulated ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.assurance.clients import HONEST
from secmlops.assurance.subject import ModelUnderTest, Outputs, skipped
from secmlops.attack.imitation import Space, best_agreement, labels_only
from secmlops.attack.thieves import SEEDS, THIEVES, Client, joined
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.detect.clients.answers import answers
from secmlops.detect.clients.crowd import Crowd
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.settings import Bounds
from secmlops.runtime.signature import Inputs

LEAST_TRAIN = 60
LEAST_HOLDOUT = 60
_MOST_ROWS = 4096  # to learn from, of each sort
_MOST_TESTED = 2000


@dataclass(frozen=True, slots=True)
class Theft:
    """How one simulated theft went: after how many queries it was noticed, if ever, and how good the copy was then."""

    noticed_at: int | None
    agreement: float


@dataclass(frozen=True, slots=True)
class Watch:
    """The product ``habits``, and how the watch that uses it does on this model.

    Rows the model learned from are halved: one half says where honest rows lie, the other how far from there an honest
    row may be. Half of the holdout says how undecided the model is on rows it never saw. On the other half the watch
    is tried out: ``thieves`` thieves of each of three sorts ask up to ``queries`` rows, ``customers`` honest clients of
    each of four sorts ask as many. Thieves of a classifier learn from the classes it names: from the probabilities of a
    linear model anyone computes its weights with one query more than it has columns, before anything could be noticed.

    Measures: ``in_time`` (share of thieves noticed before the copy agrees with the model on a share ``good_copy`` of
    rows, averaged over the classes; a regression: R squared), the same of each sort (``in_time_random``, ...),
    ``queries_until_alarm`` (median over those noticed), ``copy_at_alarm`` (median agreement then), ``false_alarms``
    among ``honest_clients``. It warns where fewer than ``least_in_time`` are noticed in time, and of every false alarm.
    """

    id: ClassVar[str] = "assurance.watch"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0024.002", "owasp-ml:ML05", "nist-ai-100-2:NISTAML.031")

    thieves: int = 3
    customers: int = 5
    queries: int = 200
    good_copy: float = 0.9
    least_in_time: float = 0.8
    error: float = 1e-4

    def __post_init__(self) -> None:
        if not (1 <= self.thieves <= 1000 and 1 <= self.customers <= 100_000 and SEEDS < self.queries <= 100_000):
            raise InputError("simulations of that size cannot be run", where=self.id, hint=f"more than {SEEDS} queries")
        if not (0 < self.good_copy <= 1 and 0 <= self.least_in_time <= 1):
            raise InputError("good_copy and least_in_time are shares between 0 and 1", where=self.id)
        Bounds(error=self.error)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Learn habits from ``model``'s rows and try them out; skipped where the rows are too few to learn from."""
        if len(model.train) < LEAST_TRAIN or len(model.holdout) < LEAST_HOLDOUT:
            have = f"{len(model.train)} training and {len(model.holdout)} holdout rows"
            return skipped("watch.not-learned", f"{have}; {LEAST_TRAIN} and {LEAST_HOLDOUT} are needed")
        generator = np.random.default_rng(model.seed)
        calibrating, testing = np.array_split(generator.permutation(len(model.holdout)), 2)
        habits = _learn(model, calibrating, generator)
        trial = _Trial(model, habits, Bounds(error=self.error), testing[:_MOST_TESTED], self.queries)
        thefts = {
            name: [trial.theft(name, np.random.default_rng([model.seed, place, i])) for i in range(self.thieves)]
            for place, name in enumerate(THIEVES)
        }
        alarms = sum(
            trial.alarmed(name, np.random.default_rng([model.seed, len(THIEVES) + place, i]))
            for place, name in enumerate(HONEST)
            for i in range(self.customers)
        )
        measures = self._measures(thefts) | {
            "false_alarms": float(alarms),
            "honest_clients": float(self.customers * len(HONEST)),
            "rows": float(len(model.train)),
        }
        findings = tuple(self._weigh(measures))
        return Examination.judged(findings, measures, {"habits": habits.to_bytes()}, {"model": model.predictor.digest})

    def _measures(self, thefts: Mapping[str, list[Theft]]) -> dict[str, float]:
        shares = {
            f"in_time_{name}": float(np.mean([t.noticed_at is not None and t.agreement < self.good_copy for t in each]))
            for name, each in thefts.items()
        }
        noticed = [theft for each in thefts.values() for theft in each if theft.noticed_at is not None]
        measures = {"in_time": float(np.mean(list(shares.values()))), **shares}
        if noticed:
            measures["queries_until_alarm"] = float(np.median([theft.noticed_at or 0 for theft in noticed]))
            measures["copy_at_alarm"] = float(np.median([theft.agreement for theft in noticed]))
        return measures

    def _weigh(self, measures: Mapping[str, float]) -> Iterator[Finding]:
        if measures["in_time"] < self.least_in_time:
            yield Finding(
                "watch.late",
                Severity.WARNING,
                f"of simulated thieves {measures['in_time']:.0%} were noticed before their copy was good",
                hint="limit the queries of a client by the day, show labels only, or give a larger training set",
            )
        if measures["false_alarms"]:
            yield Finding(
                "watch.false-alarm",
                Severity.WARNING,
                f"{measures['false_alarms']:.0f} of {measures['honest_clients']:.0f} honest clients raised an alarm",
                hint="let the watch alert only, and not block; the holdout may differ from the training data",
            )


@dataclass(frozen=True, slots=True)
class _Trial:
    """A model and its habits, to be tried out on the holdout rows ``kept``."""

    model: ModelUnderTest
    habits: Habits
    bounds: Bounds
    kept: npt.NDArray[np.intp]
    queries: int

    def theft(self, name: str, generator: np.random.Generator) -> Theft:
        """Let a thief ask until an alarm comes or the queries are used up, and see what the copy is worth."""
        honest, truth = self.model.holdout.inputs.take(self.kept), self.model.holdout_outputs[self.kept]
        space = Space.of(self.model.train.inputs)
        seeds = honest.take(generator.permutation(len(honest))[:SEEDS])
        noticed, asked = self._ask(THIEVES[name](space, seeds, generator))
        scores = labels_only(self.model.predictor.predict(asked))
        worth = best_agreement(space.design(asked), scores, space.design(honest), truth)
        return Theft(noticed, worth)

    def alarmed(self, name: str, generator: np.random.Generator) -> bool:
        """Whether an honest client raises an alarm."""
        noticed, _ = self._ask(HONEST[name](self.model.holdout.inputs.take(self.kept), generator))
        return noticed is not None

    def _ask(self, client: Client) -> tuple[int | None, Inputs]:
        """Number of the request at which the first alarm came, and what was asked until then."""
        crowd, asked, requests = Crowd(self.habits, self.bounds, 4), list[Inputs](), 0
        answered: Outputs | None = None
        while requests < self.queries:
            rows = next(client) if answered is None else client.send(answered)
            rows = rows.take(slice(0, self.queries - requests))
            scores = self.model.predictor.predict(rows)
            labels, margins = answers(scores)
            asked.append(rows)
            requests += len(rows)
            encoded, names = self.habits.encode(rows), ["client"] * len(rows)
            if alarms := crowd.update(names, encoded, labels.tolist(), margins, 0.0):
                first = alarms[0][1].requests
                return first, joined(asked).take(slice(0, first))
            answered = labels_only(scores)
        return None, joined(asked)


def _learn(model: ModelUnderTest, calibrating: npt.NDArray[np.intp], generator: np.random.Generator) -> Habits:
    """Habits from the training rows, with the margins of holdout rows: those of rows learned from are too large."""
    reference, others = np.array_split(generator.permutation(len(model.train)), 2)
    _, margins = answers(model.holdout_outputs[calibrating[:_MOST_ROWS]])
    known, honest = (model.train.inputs.take(rows[:_MOST_ROWS]) for rows in (reference, others))
    return Habits.learn(known, honest, margins, generator)
