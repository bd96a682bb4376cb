"""Robust logistic regression: the worst loss within ever larger parts of the budget is minimised, without a search."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from secmlops.attack.evasion.moves import Matrix
from secmlops.runtime.signature import Inputs
from secmlops.training.models import PENALTY, Estimator, linear_classifier, with_ones
from secmlops.training.robust.hardened import Standing
from secmlops.training.robust.ladder import Task
from secmlops.training.robust.min_max import Part, min_max
from secmlops.training.robust.mixup import mixed
from secmlops.training.robust.reach import Reach
from secmlops.training.robust.rows import Labels


@dataclass(frozen=True, slots=True)
class Linear:
    """Climbs in equal steps to the whole budget. What it says of robustness is a guarantee, not what a search left."""

    task: Task

    @property
    def patience(self) -> int:
        """All parts of the budget are tried: a part of the cure may not show at the whole."""
        return self.task.settings.rounds

    def rungs(self, rows: Inputs, target: Labels, seed: int, /) -> Iterator[Estimator]:
        """Yield the plain model, and those that withstand one part of the budget, two, and so on to all of it."""
        settings = self.task.settings
        plain = self.task.bench.made(rows, target, seed)
        yield plain
        rows, target = mixed(rows, target, self.task.allowed, settings.mixup, np.random.default_rng([seed, 0]))
        weights = _weights_of(plain)
        for step in range(1, settings.rounds + 1):
            parts = self._parts(plain, rows, target, settings.budget * step / settings.rounds)
            weights = min_max(parts, weights, PENALTY)
            yield linear_classifier(plain["columns"], plain["model"].classes_, weights)

    def standing(self, estimator: Estimator, rows: Inputs, target: Labels, seed: int, /) -> Standing:
        """Count rows that are right, and rows that no change within the budget can turn."""
        clean, robust = (
            sum(int(part.kept(_weights_of(estimator)).sum()) for part in self._parts(estimator, rows, target, budget))
            for budget in (0.0, self.task.settings.budget)
        )
        return Standing(clean=clean / len(rows), robust=robust / len(rows))

    def _parts(self, estimator: Any, rows: Inputs, target: Labels, budget: float) -> list[Part]:
        """Rows class by class; those of a class that the estimator does not know are left out."""
        columns, found = estimator["columns"], []
        for own, label in enumerate(estimator["model"].classes_):
            places = np.flatnonzero(target == label)
            if len(places):
                part = rows.take(places)
                design = with_ones(columns.transform(self.task.bench.frame(part)))
                found.append(Part(own, design, Reach.of(part, columns, self.task.allowed, budget)))
        return found


def _weights_of(estimator: Any) -> Matrix:
    """Weights [1 or classes, d + 1], those of the column of ones last."""
    model = estimator["model"]
    weights: Matrix = np.column_stack([model.coef_, model.intercept_])
    return weights
