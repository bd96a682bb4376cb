"""Whether explanations go with what the model does: answers change as told, and like rows are explained alike."""

from dataclasses import dataclass

import numpy as np

from secmlops.explain.explainer import Explainer
from secmlops.explain.explanation import Explanation, Floats
from secmlops.explain.mixing import Mixer
from secmlops.explain.sampling import Predicts
from secmlops.runtime.signature import Inputs, Signature

_SUBSETS = 24
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Means over rows.

    ``deletion``: how much more the answer loses when features are replaced by usual ones in the order of what they
    contribute, than in a random order; ``insertion``: how much more it gains when they come in so. Both are areas
    between curves (Petsiuk et al. 2018), in shares of all contributions of a row. ``agreement`` is the correlation over
    random halves of the features of the sum of their contributions with the change of the answer when they are replaced
    (Bhatt et al. 2020). A constant explanation has 0 in all three.
    """

    deletion: float
    insertion: float
    agreement: float


def faithfulness(
    explanation: Explanation, rows: tuple[Inputs, Inputs], model: Predicts, signature: Signature, seed: int
) -> Faithfulness:
    """Measure the ``explanation`` of the first of ``rows`` by replacing their features by those of the second."""
    generator, inputs, usual = np.random.default_rng(seed), *rows
    found = []
    for row, contributions in enumerate(explanation.contributions):
        mixer = Mixer(model, signature, explanation.scale, int(explanation.explained[row]))
        size = float(np.abs(contributions).sum())
        if np.ptp(contributions) <= _TINY * max(size, _TINY):
            found.append((0.0, 0.0, 0.0))
            continue
        towards = contributions * (1.0 if contributions.sum() >= 0 else -1.0)
        told, chance = np.argsort(-towards, kind="stable"), generator.permutation(len(towards))
        orders = np.stack([told, told[::-1], chance, chance[::-1]])
        halves = generator.permuted(np.tile(np.arange(len(towards)) % 2 == 0, (_SUBSETS, 1)), axis=1)
        kept = np.concatenate([*(_removed(order) for order in orders), ~halves])
        means = _means(mixer, kept, inputs.take(slice(row, row + 1)), usual)
        paths = means[: -len(halves)].reshape(4, -1).mean(axis=1) * (1.0 if contributions.sum() >= 0 else -1.0)
        random = (paths[2] + paths[3]) / 2
        agreement = _correlation(halves @ contributions, means[:1] - means[-len(halves) :])
        found.append(((random - paths[0]) / size, (paths[1] - random) / size, agreement))
    deletion, insertion, agreement = np.mean(found, axis=0)
    return Faithfulness(float(deletion), float(insertion), float(agreement))


def steepness(explainer: Explainer, inputs: Inputs, model: Predicts, spread: Floats, seed: int) -> Floats:
    """How far explanations of each row [n] move when its numbers move a little: a local Lipschitz estimate.

    The largest quotient (Alvarez-Melis and Jaakkola 2018) of the distance of explanations, in shares of the mean size
    of one, and the distance of the rows, in ``spread`` [p] of each number, over a few rows nearby. Nothing moves where
    there are no numbers: then it is 0.
    """
    generator = np.random.default_rng(seed)
    plain = explainer.explain(inputs, model)
    size = float(np.linalg.norm(plain.contributions, axis=1).mean())
    steepest = np.zeros(len(inputs))
    for _ in range(_NEIGHBOURS):
        moved = (generator.normal(0, _NEAR, inputs.numeric.shape) * spread).astype(np.float32)
        near = Inputs(inputs.numeric + moved, inputs.categorical)
        answers = explainer.explain(near, model)
        same = answers.explained == plain.explained
        apart = np.linalg.norm(answers.contributions - plain.contributions, axis=1)
        scaled = np.divide(moved, spread, out=np.zeros(moved.shape), where=(spread > 0) & ~np.isnan(near.numeric))
        far = np.linalg.norm(scaled, axis=1)
        slope = np.divide(apart, far * size, out=np.zeros(len(far)), where=same & (far > 0) & (size > 0))
        steepest = np.maximum(steepest, slope)
    return steepest


_NEIGHBOURS = 4
_NEAR = 0.05
"""Standard deviations by which each number of a row is moved."""


def _removed(order: np.ndarray) -> np.ndarray:
    """Which features [p + 1, p] are still the row's own while they are replaced in this order."""
    kept: np.ndarray = np.argsort(order)[None, :] >= np.arange(len(order) + 1)[:, None]
    return kept


def _means(mixer: Mixer, kept: np.ndarray, row: Inputs, usual: Inputs) -> Floats:
    """Mean score [m] over the usual rows, with the features ``kept`` [m, p] of the row."""
    others = usual.take(np.tile(np.arange(len(usual)), len(kept)))
    scores = mixer.scores(mixer.mixed(np.repeat(kept, len(usual), axis=0), row, others))
    means: Floats = scores.reshape(len(kept), -1).mean(axis=1)
    return means


def _correlation(left: Floats, right: Floats) -> float:
    if np.ptp(left) <= _TINY * (np.abs(left).max() + _TINY) or np.ptp(right) <= _TINY * (np.abs(right).max() + _TINY):
        return 0.0
    return float(np.corrcoef(left, right)[0, 1])
