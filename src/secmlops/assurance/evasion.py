"""The control that attacks the model with changed rows: how many right answers survive, by what a change may cost."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from secmlops.assurance.reliability import wilson_interval
from secmlops.assurance.subject import ModelUnderTest, skipped
from secmlops.attack.evasion.adversary import Adversary
from secmlops.attack.evasion.attack import Knowledge
from secmlops.attack.evasion.hunt import Effort, Targets
from secmlops.attack.evasion.perturbations import Norm
from secmlops.attack.evasion.trial import ATTACKS, Setting, Trial, attack_all, masking
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.runtime.gradient.slope import Slope
from secmlops.runtime.signature import Inputs
from secmlops.trust.canonical import canonical_json

_POOL = 1000
"""Training rows that the attacker has, at most."""
_MASKED = 0.1
"""How many more rows, as a share, attacks without a gradient may turn before gradients are said to be masked."""


@dataclass(frozen=True, slots=True)
class Evasion:
    """Changes rows of the holdout until the model answers wrongly, and measures what the changes cost.

    A change of a number by one standard deviation costs 1, and so does another category; ``prices`` says otherwise of
    single features, ``fixed`` names those that nobody can change, and ``sums`` what must stay what it was. Costs add up
    by the ``norm`` ``l2`` (root of the sum of squares) or ``linf`` (the largest). Each of ``attacks`` puts ``queries``
    for each of ``rows`` rows; the cheapest change that any found counts. Of a regression, an answer is wrong when it
    moves by more than a standard deviation of the target.

    Measures: ``robust_accuracy_at_B`` with ``_low`` and ``_high`` for each of ``budgets``, the share of rows that are
    right and stay right under any change of cost B or less that was found; ``clean_accuracy``; ``median_cost`` of the
    changes that turned a row; ``queries``, the mean number put for a row;
    ``masking``, by how much attacks without slopes beat those with them. The product ``curve`` tells the same of each
    attack. A robust accuracy is what these attacks left: a better attack can only lower it. It warns when at
    ``notable_budget`` more than half of the right answers are turned, and when gradients are masked.
    """

    id: ClassVar[str] = "assurance.evasion"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = (
        "atlas:AML.T0015",
        "atlas:AML.T0043.000",
        "atlas:AML.T0043.001",
        "owasp-ml:ML01",
        "nist-ai-100-2:NISTAML.022",
        "nist-ai-100-2:NISTAML.025",
    )

    budgets: tuple[float, ...] = (0.1, 0.25, 0.5, 1.0)
    rows: int = 100
    queries: int = 500
    attacks: tuple[str, ...] = ("hop_skip_jump", "apgd")
    fixed: tuple[str, ...] = ()
    prices: Mapping[str, float] = field(default_factory=dict)
    sums: tuple[str, ...] = ()
    norm: Norm = Norm.L2
    confidence: float = 0.95
    notable_budget: float = 0.25

    def __post_init__(self) -> None:
        if not self.budgets or not all(0 < budget < np.inf for budget in self.budgets):
            raise InputError("budgets are numbers above 0, at least one", where="budgets")
        if not (10 <= self.rows <= 100_000 and 1 <= self.queries <= 1_000_000):
            raise InputError("an attack takes 10 to 100,000 rows and 1 to 1,000,000 queries for each", where="rows")
        if unknown := [name for name in self.attacks if name not in ATTACKS] or ([""] if not self.attacks else []):
            raise InputError(
                f"there is no attack {unknown[0]!r}", where="attacks", hint=f"there are {', '.join(ATTACKS)}"
            )
        if not 0 < self.confidence < 1:
            raise InputError(f"a confidence of {self.confidence} is not between 0 and 1", where="confidence")
        _ = self.adversary  # refuses prices that are none

    @property
    def adversary(self) -> Adversary:
        """What the settings say that somebody could do to a row; robust training prepares for the same."""
        return Adversary(self.fixed, self.prices, self.sums, self.norm)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Attack ``model`` on rows of its holdout; skipped where there is nothing that could be attacked."""
        if obstacle := model.obstacle():
            return skipped("evasion.not-measured", obstacle)
        allowed = self.adversary.perturbations(model.signature, model.train.inputs)
        if not ((allowed.unit > 0).any() or np.isfinite(allowed.price).any()):
            return skipped("evasion.not-measured", "no feature can be changed")
        generator = np.random.default_rng([model.seed, 0])
        rows = generator.permutation(len(model.holdout))[: self.rows]
        pool = generator.permutation(len(model.train))[:_POOL]
        setting = Setting(_targets(model, rows), model.predictor.predict, allowed, Effort(self.queries, self.budgets))
        knowledge = _knowledge(model, pool)
        trial = attack_all(setting, knowledge, [ATTACKS[name] for name in self.attacks], model.seed)
        if all(attempt.obstacle for attempt in trial.attempts):
            return skipped("evasion.not-measured", "; ".join(f"{a.name}: {a.obstacle}" for a in trial.attempts))
        measures = self._measures(trial)
        hidden = masking(trial, self.budgets)
        if hidden is not None:
            measures["masking"] = hidden
        findings = (*self._weigh(measures), *self._untried(trial))
        products = {"curve": canonical_json(self._told(trial))}
        return Examination.judged(findings, measures, products, {"model": model.predictor.digest})

    def _measures(self, trial: Trial) -> dict[str, float]:
        measures = {"clean_accuracy": float(trial.robust(0).mean()), "rows": float(len(trial.cost))}
        for budget in self.budgets:
            name = f"robust_accuracy_at_{budget:g}"
            measures[name], measures[f"{name}_low"], measures[f"{name}_high"] = self._share(trial.robust(budget))
        turned = trial.cost[(trial.cost > 0) & np.isfinite(trial.cost)]
        if len(turned):
            measures["median_cost"] = float(np.median(turned))
        measures["queries"] = float(sum(attempt.queries.mean() for attempt in trial.attempts))
        return measures

    def _share(self, robust: np.ndarray) -> tuple[float, float, float]:
        """Share of rows, and its interval."""
        share, rows = np.array([robust.mean()]), np.array([float(len(robust))])
        low, high = wilson_interval(share, rows, self.confidence)
        return float(share[0]), float(low[0]), float(high[0])

    def _weigh(self, measures: Mapping[str, float]) -> Iterator[Finding]:
        nearest = min(self.budgets, key=lambda budget: abs(budget - self.notable_budget))
        left = measures[f"robust_accuracy_at_{nearest:g}"]
        if left < measures["clean_accuracy"] / 2:
            yield Finding(
                "evasion.brittle",
                Severity.WARNING,
                f"changes of cost {nearest:g} leave {left:.0%} of answers right, of {measures['clean_accuracy']:.0%}",
                hint="set training.robust, leave out what is easily changed, or let the guard block strange rows",
            )

        if measures.get("masking", 0.0) > _MASKED:
            yield Finding(
                "evasion.masked-gradients",
                Severity.WARNING,
                f"attacks that see no slopes turn {measures['masking']:.0%} more rows than those that climb them",
                hint="the model hides its slopes: believe the attacks of decisions, and try more queries",
            )

    def _untried(self, trial: Trial) -> Iterator[Finding]:
        for attempt in trial.attempts:
            if attempt.obstacle:
                what = f"{attempt.name} was not run: {attempt.obstacle}"
                yield Finding("evasion.not-run", Severity.NOTE, what, where=attempt.name)

    def _told(self, trial: Trial) -> Json:
        points: list[Json] = []
        for budget in (0.0, *sorted(self.budgets)):
            share, low, high = self._share(trial.robust(budget))
            points.append({"budget": budget, "robust": share, "low": low, "high": high})
        attempts: list[Json] = [
            {
                "name": attempt.name,
                "kind": str(attempt.kind),
                "obstacle": attempt.obstacle,
                "robust": [float((attempt.cost > budget).mean()) for budget in (0.0, *sorted(self.budgets))],
                "median_cost": attempt.median if np.isfinite(attempt.median) else None,
                "queries": float(attempt.queries.mean()),
            }
            for attempt in trial.attempts
        ]
        return {"norm": str(self.norm), "points": points, "attacks": attempts}


def _knowledge(model: ModelUnderTest, pool: np.ndarray) -> Knowledge:
    """What the attacker has: rows of the ``pool`` of training rows, their answers, and the gradient if there is one."""
    known = Knowledge(model.train.inputs.take(pool), model.train_outputs[pool])
    if model.onnx is None:
        return known
    slope = Slope.of(model.onnx, model.predictor, known.pool)
    if isinstance(slope, str):
        return dataclasses.replace(known, no_gradient=slope)
    return dataclasses.replace(known, gradient=slope.gradient)


def _targets(model: ModelUnderTest, rows: np.ndarray) -> Targets:
    """Rows of the holdout with their classes, or with the model's own predictions of a quantity."""
    inputs: Inputs = model.holdout.inputs.take(rows)
    if model.task.is_classification:
        return Targets(inputs, model.holdout.target[rows].astype(np.int64))
    return Targets(inputs, model.holdout_outputs[rows, 0], shift=float(model.train.target.std()))
