"""Robust training as one fit: the rounds are chosen on rows put by, and gone again on all rows.

Early stopping as in Rice, Wong and Kolter, "Overfitting in adversarially robust deep learning" (ICML 2020), by rows of
the training set alone: the holdout is never looked at.
"""

from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from secmlops.runtime.signature import Inputs, Signature
from secmlops.training.curve import nested_subsets
from secmlops.training.models import Estimator, Fit, Target, logistic_regression
from secmlops.training.robust.augmentation import Augmentation
from secmlops.training.robust.hardened import Hardened, Standing
from secmlops.training.robust.ladder import Ladder, Task
from secmlops.training.robust.linear import Linear
from secmlops.training.robust.robustness import Robustness
from secmlops.training.robust.rows import Bench, Labels, inputs_of

_LEARNT = 0.75
"""Share of the rows that models are fitted on while the rounds are chosen."""
_LEAST = 40
"""Fewer rows are not split: rounds are chosen by the rows that are learnt from."""


def robust_fit(fit: Fit, robustness: Robustness, signature: Signature, told: Path) -> Fit:
    """Return a fit that makes what ``fit`` makes robust, and writes to ``told`` how; budget 0 changes nothing.

    Called for parts of the rows as well, it tells of the last model of the most rows.
    """
    most = 0

    def robust(frame: Any, target: Target, seed: int) -> Estimator:
        nonlocal most
        estimator, hardened = harden((fit, signature), robustness, (frame, target, seed))
        if len(target) >= most:
            told.write_bytes(msgspec.json.encode(hardened))
            most = len(target)
        return estimator

    return robust


def harden(
    model: tuple[Fit, Signature], robustness: Robustness, data: tuple[Any, Target, int]
) -> tuple[Estimator, Hardened]:
    """Fit the ``model`` robustly on ``data``: the frame of rows, their classes int64 [n], and the seed.

    The model is that of the round which withstood most on rows put by, among those that keep the clean accuracy within
    the stated loss; with no such round it is the plain one.
    """
    (fit, signature), (frame, target, seed) = model, data
    settings = robustness.settings
    if not settings.budget:
        return fit(frame, target, seed), Hardened(budget=0)
    rows, labels = inputs_of(frame, signature), np.asarray(target, np.int64)
    allowed = robustness.adversary.perturbations(signature, rows)
    task = Task(Bench(fit, signature, not isinstance(frame, pa.Table)), settings, allowed)
    ladder: Ladder = Linear(task) if fit is logistic_regression else Augmentation(task)
    standings = _standings(ladder, rows, labels, (seed, settings.clean_loss))
    rounds = _best(standings, settings.clean_loss)
    estimator = next(islice(ladder.rungs(rows, labels, seed), rounds, None))
    told = Hardened(budget=settings.budget, rounds=rounds, plain=standings[0], chosen=standings[rounds])
    return estimator, told


def _standings(ladder: Ladder, rows: Inputs, target: Labels, choice: tuple[int, float]) -> list[Standing]:
    """Standings of the plain model and of each round's, until rounds stop to gain; fitted without the rows put by."""
    seed, clean_loss = choice
    learnt, everything = nested_subsets(target, (_LEARNT if len(target) >= _LEAST else 1.0,), seed)
    put_by = np.setdiff1d(everything, learnt) if len(learnt) < len(everything) else everything
    found: list[Standing] = []
    for estimator in ladder.rungs(rows.take(learnt), target[learnt], seed):
        found.append(ladder.standing(estimator, rows.take(put_by), target[put_by], seed))
        latest_gain = max(_best(found, clean_loss), _best(found, np.inf))  # a round may gain by too much of a loss
        if len(found) - 1 - latest_gain >= ladder.patience:
            break
    return found


def _best(standings: list[Standing], clean_loss: float) -> int:
    """Round that withstood most and keeps the clean accuracy; of equal ones the first."""
    least = standings[0].clean - clean_loss
    return max(range(len(standings)), key=lambda n: (standings[n].clean >= least - 1e-9, standings[n].robust, -n))
