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

from secmlops.attack.evasion.attack import Knowledge
from secmlops.attack.evasion.boundary import Boundary
from secmlops.attack.evasion.hunt import Effort, Targets
from secmlops.attack.evasion.trial import Setting, attack_all
from secmlops.attack.evasion.worst import Search, worst_changes
from secmlops.runtime.signature import Inputs
from secmlops.training.models import Estimator
from secmlops.training.robust.hardened import Standing
from secmlops.training.robust.ladder import Task
from secmlops.training.robust.mixup import mixed
from secmlops.training.robust.rows import Labels

_FURTHER = 1.5
"""How many budgets the changes cost that are learnt from: a model knows these rows better than those it never saw."""
_MOST = 0.5
"""Share of the rows that are changed in the last round; those before change ever fewer, which costs less accuracy."""
_ATTACKED, _JUDGED = 10_000, 300
"""Rows that are attacked in a round, and to judge a model, at most."""
_HARDER = 10
"""How many times the queries of a round an attack of decisions puts to judge a model."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Climbs round by round: each fits rows of which more are changed, as was worst for one of the models before."""

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
            attacked, oracle = Targets(rows.take(places), target[places]), bench.oracle(estimator)
            changed, _ = worst_changes(attacked, oracle, self.task.allowed, search, generator)
            past.append(_put(past[-1] if past else rows, places, changed))
            drawn = _drawn(rows, past, _MOST * (turn + 1) / settings.rounds, generator)
            estimator = bench.made(*mixed(drawn, target, self.task.allowed, settings.mixup, generator), seed)
            yield estimator

    def standing(self, estimator: Estimator, rows: Inputs, target: Labels, seed: int, /) -> Standing:
        """Attack some of the rows by scores and by decisions, and count those that are right before and after."""
        generator = np.random.default_rng([seed, 2**31])
        places = np.sort(generator.permutation(len(rows))[:_JUDGED])
        targets, oracle = Targets(rows.take(places), target[places]), self.task.bench.oracle(estimator)
        allowed, budget = self.task.allowed, self.task.settings.budget
        _, margins = worst_changes(targets, oracle, allowed, Search(budget, self.task.settings.queries), generator)
        pool = Knowledge(rows, oracle(rows))
        effort = Effort(_HARDER * self.task.settings.queries, (budget,))
        trial = attack_all(Setting(targets, oracle, allowed, effort), pool, [Boundary()], seed)
        kept = trial.robust(budget) & (margins >= 0)
        return Standing(clean=float(trial.robust(0).mean()), robust=float(kept.mean()))


def _put(rows: Inputs, places: np.ndarray, changed: Inputs) -> Inputs:
    """Return the rows with those at ``places`` as they were changed."""
    numeric, categorical = rows.numeric.copy(), rows.categorical.copy()
    numeric[places], categorical[places] = changed.numeric, changed.categorical
    return Inputs(numeric, categorical)


def _drawn(rows: Inputs, past: Sequence[Inputs], share: float, generator: np.random.Generator) -> Inputs:
    """Each row as it is, or of a ``share`` of the rows as one of the ``past`` rounds changed it."""
    turn = np.where(generator.random(len(rows)) < share, generator.integers(len(past), size=len(rows)), -1)
    for place, changed in enumerate(past):
        of_turn = np.flatnonzero(turn == place)
        rows = _put(rows, of_turn, changed.take(of_turn))
    return rows
