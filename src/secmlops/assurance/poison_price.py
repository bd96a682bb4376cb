"""The control that measures what poisoned training rows would buy: accuracy lost, and a trigger that works."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.assurance.subject import ModelUnderTest, skipped
from secmlops.attack.agreement import agreement
from secmlops.attack.poisoning.price import Battlefield, Trainer, slope
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.trust.canonical import canonical_json

_Z = NormalDist().inv_cdf(0.975)
_LEAST_ROWS = 50
_MOST_ROWS = 4_000
_TREES = b"TreeEnsemble"
"""How the operators of ONNX are called that hold trees."""
_FLIPS = {"random": False, "targeted": True}

Grid = npt.NDArray[np.float64]
"""One number for each budget and repetition [b, r]."""


@dataclass(frozen=True, slots=True)
class PoisonPrice:
    """Poisons the training rows, learns from them anew with a model of the same kind, and tells what that bought.

    ``budgets`` are percents of the rows: of labels flipped at random, or ``targeted`` at the rarest class, and of
    rows stamped with a trigger of two columns and labelled with that class; each is repeated ``repeats`` times. What
    learns is a forest where the model at hand is made of trees, and else that of two kinds, linear or a forest, which
    agrees best with it; the model itself is not trained anew.

    Measures: ``clean_accuracy`` (balanced) and ``imitation``, the agreement with the model; for each budget B
    ``random_loss_at_B`` and ``targeted_loss_at_B`` of balanced accuracy, and ``trigger_success_at_B``, the share of
    rows of other classes that the trigger turns; ``random_per_percent`` and ``targeted_per_percent``, the loss per
    percent. These three have 95% intervals over the repetitions. The product ``price`` tells the curve. Warned of when
    a trigger in at most ``notable_share`` percent of the rows turns half of them.
    """

    id: ClassVar[str] = "assurance.poison_price"
    version: ClassVar[str] = "2"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = (
        "atlas:AML.T0020",
        "owasp-ml:ML02",
        "nist-ai-100-2:NISTAML.013",
        "nist-ai-100-2:NISTAML.023",
    )

    budgets: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0, 10.0)
    repeats: int = 5
    notable_share: float = 1.0

    def __post_init__(self) -> None:
        if not self.budgets or not all(0 < budget <= 50 for budget in self.budgets):
            raise InputError("budgets are percents above 0, at most 50; at least one", where="budgets")
        if not 2 <= self.repeats <= 1000 or not 0 <= self.notable_share <= 50:
            raise InputError("repeats are 2 to 1,000, notable_share 0 to 50 percent", where=self.id)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Poison the rows of ``model``; skipped where there are too few. Labels of quantities are not flipped."""
        materials = {"model": model.predictor.digest}
        if not model.task.is_classification:
            note = Finding("poison-price.not-tried", Severity.NOTE, "these attacks are on classes, not on quantities")
            return Examination.judged((note,), {"budgets": 0.0}, materials=materials)
        obstacle = model.obstacle()
        if obstacle or len(model.train) < _LEAST_ROWS:
            return skipped("poison-price.not-measured", obstacle or f"fewer than {_LEAST_ROWS} training rows")
        field, generator = _battlefield(model)
        clean = np.array([field.accuracy(field.train, generator) for _ in range(self.repeats)]).mean()
        losses = {name: self._losses(field, float(clean), targeted) for name, targeted in _FLIPS.items()}
        successes = self._grid(field.triggered)
        measures = {
            "clean_accuracy": float(clean),
            "rows": float(len(field.train)),
            "imitation": _imitation(field, model),
        }
        measures |= self._measures(losses, successes)
        products = {"price": canonical_json(self._told(field.trainer.kind, losses, successes))}
        return Examination.judged(tuple(self._findings(measures)), measures, products, materials)

    def _losses(self, field: Battlefield, clean: float, targeted: bool) -> Grid:
        return clean - self._grid(lambda share, drawn: field.flipped(share, targeted, drawn))

    def _grid(self, outcome: Callable[[float, np.random.Generator], float]) -> Grid:
        """Outcome for each budget and repetition; the same repetitions for every attack."""
        return np.array(
            [
                [outcome(budget / 100, np.random.default_rng([again, 7])) for again in range(self.repeats)]
                for budget in self.budgets
            ]
        )

    def _measures(self, losses: Mapping[str, Grid], successes: Grid) -> dict[str, float]:
        measures: dict[str, float] = {}
        percents = np.repeat(np.array(self.budgets), self.repeats)
        for name, loss in losses.items():
            measures |= {
                f"{name}_loss_at_{b:g}": float(lost.mean()) for b, lost in zip(self.budgets, loss, strict=True)
            }
            rate, error = slope(percents, loss.ravel())
            measures |= {f"{name}_per_percent": rate}
            measures |= {f"{name}_per_percent_low": rate - _Z * error, f"{name}_per_percent_high": rate + _Z * error}
        for point in self._points(successes):
            name = f"trigger_success_at_{point['percent']:g}"
            low, high = (float(np.clip(point[end], 0, 1)) for end in ("low", "high"))
            measures |= {name: point["mean"], f"{name}_low": low, f"{name}_high": high}
        return measures

    def _findings(self, measures: Mapping[str, float]) -> Iterator[Finding]:
        enough = [b for b in sorted(self.budgets) if measures[f"trigger_success_at_{b:g}"] >= 0.5]
        if enough and enough[0] <= self.notable_share:
            yield Finding(
                "poison-price.cheap-trigger",
                Severity.WARNING,
                f"{enough[0]:g}% of the rows suffice to plant a trigger that turns "
                f"{measures[f'trigger_success_at_{enough[0]:g}']:.0%} of rows of other classes",
                hint="know where every row comes from, and let data.poisoning look for triggers",
            )

    def _told(self, kind: str, losses: Mapping[str, Grid], successes: Grid) -> Json:
        curves: dict[str, Json] = {name: [*self._points(loss)] for name, loss in losses.items()}
        return {"kind": kind, "losses": curves, "trigger": [*self._points(successes)]}

    def _points(self, grid: Grid) -> list[dict[str, float]]:
        """Mean of each budget, with the interval that the repetitions leave."""
        reach = _Z * grid.std(axis=1, ddof=1) / grid.shape[1] ** 0.5
        rows = zip(self.budgets, grid.mean(axis=1).tolist(), reach.tolist(), strict=True)
        return [{"percent": b, "mean": mean, "low": mean - out, "high": mean + out} for b, mean, out in rows]


def _battlefield(model: ModelUnderTest) -> tuple[Battlefield, np.random.Generator]:
    generator = np.random.default_rng([model.seed, 7])
    chosen = generator.permutation(len(model.train))[:_MOST_ROWS]
    train = model.train.take(chosen)
    trainer = Trainer.like(model.holdout_outputs, train, model.holdout, generator)
    if model.onnx is not None and _TREES in model.onnx:
        trainer = dataclasses.replace(trainer, kind="forest")
    return Battlefield(train, model.holdout, trainer), generator


def _imitation(field: Battlefield, model: ModelUnderTest) -> float:
    scores = field.trainer.scores(field.train, field.holdout, np.random.default_rng([model.seed, 8]))
    return agreement(model.holdout_outputs, scores)
