"""The control that measures how near a model's picture of a class comes to those it learned from."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

import numpy as np

from secmlops.assurance.metrics import Floats
from secmlops.assurance.reliability import wilson_interval
from secmlops.assurance.subject import ModelUnderTest, skipped, unknown_members
from secmlops.attack.imitation import Matrix, Space
from secmlops.attack.inversion import Climb, Hill, reconstruct
from secmlops.attack.inversion import Slope as Climbed
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.runtime.gradient.slope import Slope
from secmlops.runtime.signature import Inputs
from secmlops.trust.canonical import canonical_json

_CONFIDENCE = 0.95
_RESAMPLES = 200
_LEAST = 2
"""Public rows of a class, and rows learned from, below which nothing is said of it."""
_MOST = 2000
_CHECKED = 50
_HIGH = 0.9
"""Share of the best score of a class that a climb has to reach to count."""


@dataclass(frozen=True, slots=True)
class Inversion:
    """Reconstructs representatives of each class from the scores, and sets them beside the rows learned from.

    The attacker has half of the holdout: its rows are where ``starts`` climbs for each class begin, and its class means
    are what is publicly known. A distance is the root mean square over the columns, numbers in standard deviations,
    categories as shares. ``distance`` is that of the reconstructions' mean from the class mean of training rows,
    averaged over the classes; ``public_distance`` that of the public rows of the class, ``marginal_distance`` that of
    all public rows. ``reconstruction_gain``, with its interval, is the share of the public distance that the model
    saves: 0 or less where it tells no more than is known. ``nearer`` (interval as well) is the share of training rows
    among those nearest to a reconstruction, with as many rows of the holdout's other half: one half by chance. Warned
    of from ``notable_gain`` where the interval leaves out 0. The product ``reconstructed`` has both by class.
    """

    id: ClassVar[str] = "assurance.inversion"
    version: ClassVar[str] = "2"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0024.001", "owasp-ml:ML03", "nist-ai-100-2:NISTAML.032")

    starts: int = 24
    rounds: int = 30
    notable_gain: float = 0.1

    def __post_init__(self) -> None:
        if not (2 <= self.starts <= 10_000 and 1 <= self.rounds <= 10_000):
            raise InputError("starts are 2 to 10,000, and rounds 1 to 10,000", where=self.id)
        if not 0 <= self.notable_gain <= 1:
            raise InputError("notable_gain lies from 0 to 1", where="notable_gain")

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Attack ``model``; skipped where it is not known what it learned from. A quantity has no classes."""
        materials = {"model": model.predictor.digest}
        if not model.task.is_classification:
            note = Finding("inversion.not-tried", Severity.NOTE, "a model of quantities has no classes to reconstruct")
            return Examination.judged((note,), {"classes": 0.0}, materials=materials)
        if obstacle := unknown_members(model) or model.obstacle():
            return skipped("inversion.not-measured", obstacle)
        scene = _Scene(model)
        if not scene.classes:
            return skipped("inversion.not-measured", "no class has rows enough among those learned from and the others")
        found = scene.reconstructed(self.starts, Climb(self.rounds))
        measures = {"classes": float(len(scene.classes)), **scene.distances(found), **scene.nearest(found)}
        products = {"reconstructed": canonical_json(scene.told(found))}
        return Examination.judged(tuple(self._findings(measures)), measures, products, materials)

    def _findings(self, measures: dict[str, float]) -> Iterator[Finding]:
        if measures["reconstruction_gain_low"] > 0 and measures["reconstruction_gain"] >= self.notable_gain:
            yield Finding(
                "inversion.reconstructed",
                Severity.WARNING,
                f"reconstructions of the classes come {measures['reconstruction_gain']:.0%} nearer to the rows "
                f"learned from than what is publicly known ({measures['reconstruction_gain_low']:.2f} to "
                f"{measures['reconstruction_gain_high']:.2f})",
                hint="regularise, train privately, merge classes of few rows, or harden the outputs",
            )


class _Scene:
    """What the attacker has, and the rows that tell how near it came, as columns of a regression."""

    def __init__(self, model: ModelUnderTest) -> None:
        self._model, self._generator = model, np.random.default_rng([model.seed, 6])
        own, others = np.array_split(self._generator.permutation(len(model.holdout)), 2)
        self._public, self._space = model.holdout.take(own), Space.of(model.holdout.inputs.take(own))
        learned = model.train.take(self._generator.permutation(len(model.train))[:_MOST])
        self._columns = len(model.signature.features)
        self._train, self._known, self._others = (
            self._space.design(rows)
            for rows in (learned.inputs, self._public.inputs, model.holdout.inputs.take(others))
        )
        self._learned = learned.target
        counts = [np.bincount(t.astype(np.int64), minlength=len(model.signature.classes))
                  for t in (learned.target, self._public.target)]  # fmt: skip
        self.classes = np.flatnonzero(np.minimum(counts[0] >= 1, counts[1] >= _LEAST)).tolist()

    def reconstructed(self, starts: int, climb: Climb) -> dict[int, Matrix]:
        """Reconstructions of each class, those that got about as high as the best, as columns [m, d]."""
        begun = self._public.inputs.take(self._generator.integers(len(self._public), size=starts * len(self.classes)))
        numeric = np.where(np.isnan(begun.numeric), self._space.centre, begun.numeric).astype(np.float32)
        begun = Inputs(numeric, begun.categorical)
        target = np.repeat(np.array(self.classes, np.int64), starts)
        hill = Hill(self._model.predictor.predict, self._space, self._slope())
        made, scores = reconstruct(hill, begun, target, climb)
        columns = self._space.design(made)
        return {one: columns[(target == one) & (scores >= _HIGH * scores[target == one].max())] for one in self.classes}

    def distances(self, found: dict[int, Matrix]) -> dict[str, float]:
        """Mean distances over the classes, and what the model saves of the public one, with its interval.

        The interval is the normal one with the bootstrap's standard error (Efron and Tibshirani, An Introduction to the
        Bootstrap, 1993, section 12.4).
        """
        truth, public = self._sides()
        mean = self._known.mean(axis=0)

        def measured(draw: bool) -> tuple[float, float]:
            mine, theirs = (
                [self._apart(self._middle(rows[one], draw), truth[one]) for one in self.classes]
                for rows in (found, public)
            )
            return float(np.mean(mine)), float(np.mean(theirs))

        distance, known = measured(False)
        drawn = np.array(
            [1 - mine / max(theirs, 1e-12) for mine, theirs in (measured(True) for _ in range(_RESAMPLES))]
        )
        # the means of resampled rows lie further off by their own spread, so their quantiles may leave out the estimate
        reach = NormalDist().inv_cdf((1 + _CONFIDENCE) / 2) * float(drawn.std(ddof=1))
        gain = 1 - distance / max(known, 1e-12)
        return {
            "distance": distance,
            "public_distance": known,
            "marginal_distance": float(np.mean([self._apart(mean, truth[one]) for one in self.classes])),
            "reconstruction_gain": gain,
            "reconstruction_gain_low": gain - reach,
            "reconstruction_gain_high": gain + reach,
        }

    def told(self, found: dict[int, Matrix]) -> Json:
        """Product: for each class how far the reconstructions, and what is public, are from the rows learned from."""
        truth, public = self._sides()
        return [
            {
                "class": self._model.signature.classes[one],
                "distance": self._apart(found[one].mean(axis=0), truth[one]),
                "public_distance": self._apart(public[one].mean(axis=0), truth[one]),
            }
            for one in self.classes
        ]

    def nearest(self, found: dict[int, Matrix]) -> dict[str, float]:
        """Share of training rows among those nearest to the reconstructions, each counted once."""
        each = min(len(self._train), len(self._others))
        rows = np.concatenate([self._train[:each], self._others[:each]])
        made = np.concatenate(list(found.values()))
        squares = (rows * rows).sum(axis=1) - 2 * made @ rows.T
        hit = np.unique(squares.argmin(axis=1))
        share, count = np.array([(hit < each).mean()]), np.array([float(len(hit))])
        low, high = wilson_interval(share, count, _CONFIDENCE)
        return {"nearer": float(share[0]), "nearer_low": float(low[0]), "nearer_high": float(high[0])}

    def _sides(self) -> tuple[dict[int, Floats], dict[int, Matrix]]:
        """Mean of the training rows of each class, and its public rows."""
        truth = {one: self._train[self._learned == one].mean(axis=0) for one in self.classes}
        return truth, {one: self._known[self._public.target == one] for one in self.classes}

    def _slope(self) -> Climbed | None:
        """Slope of the model, where it has one."""
        if self._model.onnx is None:
            return None
        read = Slope.of(self._model.onnx, self._model.predictor, self._public.inputs.take(slice(0, _CHECKED)))
        return None if isinstance(read, str) else read.gradient

    def _middle(self, rows: Matrix, draw: bool) -> Floats:
        chosen = self._generator.integers(len(rows), size=len(rows)) if draw else np.arange(len(rows))
        middle: Floats = rows[chosen].mean(axis=0)
        return middle

    def _apart(self, one: Floats, other: Floats) -> float:
        return float(np.sqrt(np.square(one - other).sum() / self._columns))
