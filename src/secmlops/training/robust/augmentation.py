"""Robust training of any model by its rows alone: attack the model, put changed rows in place of rows, fit again.

For models without a slope: trees, boosting, and whatever a user's function fits (Kantchelian, Tygar and Joseph,
"Evasion and Hardening of Tree Ensemble Classifiers", ICML 2016, who add the changed rows). Here a changed row takes the
place of its own: beside its near copy a row would count twice, and trees would make a leaf of the two. Each round
answers all adversaries so far and not only the last, as in fictitious play (Brown 1951): what one round learns the next
one would forget.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from secmlops.attack.evasion.hunt import Targets
from secmlops.attack.evasion.moves import Matrix
from secmlops.attack.evasion.worst import Search, worst_changes
from secmlops.runtime.signature import Inputs
from secmlops.training.models import Estimator
from secmlops.training.robust.hardened import Standing
from secmlops.training.robust.ladder import Task
from secmlops.training.robust.mixup import mixed
from secmlops.training.robust.rows import Labels

_FURTHER = 1.5
"""How many budgets the changes cost that are learnt from: a model knows these rows better than those it never saw."""
_CLEAN = 0.5
"""Share of the rows that stay as they are."""
_ATTACKED, _JUDGED = 10_000, 500
"""Rows that are attacked in a round, and to judge a model, at most."""
_HARDER = 4
"""How many times the queries of a round are put to judge a model."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Climbs round by round: each fits rows of which half are changed as was worst for one of the models before."""

    task: Task

    @property
    def patience(self) -> int:
        """Two rounds."""
        return 2

    def rungs(self, rows: Inputs, target: Labels, seed: int, /) -> Iterator[Estimator]:
        """Yield the plain model, and that of each round."""
        settings, bench = self.task.settings, self.task.bench
        search = Search(_FURTHER * settings.budget, settings.queries)
        past: list[Inputs] = []
        estimator = bench.made(rows, target, seed)
        yield estimator
        for turn in range(settings.rounds):
            generator = np.random.default_rng([seed, turn])
            places = np.sort(generator.permutation(len(rows))[:_ATTACKED])
            attacked = Targets(rows.take(places), target[places])
            past.append(_put(rows, places, self._worst(estimator, attacked, search, generator)[0]))
            drawn = _drawn(rows, past, generator)
            estimator = bench.made(*mixed(drawn, target, self.task.allowed, settings.mixup, generator), seed)
            yield estimator

    def standing(self, estimator: Estimator, rows: Inputs, target: Labels, seed: int, /) -> Standing:
        """Attack some of the rows harder than in a round, and count those that are right before and after."""
        generator = np.random.default_rng([seed, 2**31])
        places = np.sort(generator.permutation(len(rows))[:_JUDGED])
        targets = Targets(rows.take(places), target[places])
        search = Search(self.task.settings.budget, _HARDER * self.task.settings.queries)
        right = targets.margin(np.arange(len(places)), self.task.bench.outputs(estimator, targets.rows)) >= 0
        _, margins = self._worst(estimator, targets, search, generator)
        return Standing(clean=float(right.mean()), robust=float((margins >= 0).mean()))

    def _worst(
        self, estimator: Estimator, targets: Targets, search: Search, generator: np.random.Generator
    ) -> tuple[Inputs, Matrix]:
        """Rows as they were changed worst, and their margins [n]."""
        bench = self.task.bench
        return worst_changes(targets, lambda rows: bench.outputs(estimator, rows), self.task.allowed, search, generator)


def _put(rows: Inputs, places: np.ndarray, changed: Inputs) -> Inputs:
    """Return the rows with those at ``places`` as they were changed."""
    numeric, categorical = rows.numeric.copy(), rows.categorical.copy()
    numeric[places], categorical[places] = changed.numeric, changed.categorical
    return Inputs(numeric, categorical)


def _drawn(rows: Inputs, past: Sequence[Inputs], generator: np.random.Generator) -> Inputs:
    """Each row as it is, or as one of the ``past`` rounds changed it."""
    turn = np.where(generator.random(len(rows)) < _CLEAN, -1, generator.integers(len(past), size=len(rows)))
    for place, changed in enumerate(past):
        of_turn = np.flatnonzero(turn == place)
        rows = _put(rows, of_turn, changed.take(of_turn))
    return rows
