"""Sources whose labels disagree with what all the others make one expect: one of several that sends poison."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.learner import Learner

Labels = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

LEAST_SOURCES = 3
LEAST_ROWS = 30
_DEVIATIONS = 4.0
_NORMAL = 1.4826  # standard deviations to a median absolute deviation


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """``rows`` of a source, its ``excess`` share of labels that surprise, in ``deviations``, and its ``influence``.

    The influence is how much lower the mean log loss of all other rows is, in nats, when a model learns without it.
    """

    rows: Rows
    excess: float
    deviations: float
    influence: float


def find_bad_sources(
    design: Matrix, labels: Labels, sources: Labels, least_excess: float, seed: int
) -> tuple[Source, ...]:
    """Sources with at least 30 rows that surprise far more than the others, the worst first.

    ``sources`` [n] numbers them, ``design`` [n, p] does not hold them. A label surprises as much as it is improbable
    out of fold, less what is usual for a row of such probabilities. Sources differ by nature: their own spread, by the
    median absolute deviation, is the unit. Fewer than three sources cannot be compared.
    """
    large = np.flatnonzero(np.bincount(sources) >= LEAST_ROWS)
    if len(large) < LEAST_SOURCES:
        return ()
    learner = Learner(seed)
    outputs = learner.out_of_fold(design, labels)
    excess, error = _excess(outputs, labels)
    means = np.array([excess[sources == source].mean() for source in large])
    errors = np.array([np.sqrt(error[sources == source].sum()) / np.sum(sources == source) for source in large])
    centre = float(np.median(means))
    scaled = (means - centre) / errors
    scaled /= max(_NORMAL * float(np.median(np.abs(scaled))), 1.0)
    found = []
    for place in np.flatnonzero((scaled >= _DEVIATIONS) & (means - centre >= least_excess)):
        rows = np.flatnonzero(sources == large[place])
        influence = _influence(design, labels, rows, outputs, learner)
        found.append(Source(rows, float(means[place] - centre), float(scaled[place]), influence))
    return tuple(sorted(found, key=lambda source: -source.deviations))


def _excess(outputs: Matrix, labels: Labels) -> tuple[Matrix, Matrix]:
    """How much each label surprises beyond what is usual, and the variance of that, both [n]."""
    surprise = 1 - outputs
    own = np.take_along_axis(surprise, labels[:, None], axis=1)[:, 0]
    usual = (outputs * surprise).sum(axis=1)
    variance = (outputs * surprise**2).sum(axis=1) - usual**2
    return own - usual, np.maximum(variance, 1e-6)


def _influence(design: Matrix, labels: Labels, rows: Rows, outputs: Matrix, learner: Learner) -> float:
    others = np.delete(np.arange(len(labels)), rows)
    kept = np.unique(labels[others], return_inverse=True)[1]
    without = learner.out_of_fold(design[others], kept)
    loss_with = -np.log(np.take_along_axis(outputs[others], labels[others][:, None], axis=1)).mean()
    return float(loss_with + np.log(np.take_along_axis(without, kept[:, None], axis=1)).mean())
