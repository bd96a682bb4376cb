"""A trial of attacks on the same rows: each has the same queries; what counts is the cheapest change that any found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from secmlops.attack.evasion.attack import Attack, Kind, Knowledge
from secmlops.attack.evasion.automatic import Automatic
from secmlops.attack.evasion.boundary import Boundary
from secmlops.attack.evasion.deepfool import DeepFool
from secmlops.attack.evasion.fast_gradient import FastGradient
from secmlops.attack.evasion.genetic import Genetic
from secmlops.attack.evasion.hunt import Effort, Hunt, Targets
from secmlops.attack.evasion.moves import KEPT, Mask, Matrix, choose
from secmlops.attack.evasion.perturbations import Perturbations
from secmlops.attack.evasion.projected import Projected
from secmlops.attack.evasion.square import Square
from secmlops.attack.evasion.transfer import Transfer
from secmlops.attack.oracle import Oracle
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

_OF_ANSWERS: tuple[Attack, ...] = (Boundary(), Square(), Genetic(), Transfer())
_OF_SLOPES: tuple[Attack, ...] = (FastGradient(), Projected(), Automatic(), DeepFool())
ATTACKS: Mapping[str, Attack] = MappingProxyType({attack.name: attack for attack in (*_OF_ANSWERS, *_OF_SLOPES)})


@dataclass(frozen=True, slots=True)
class Setting:
    """Rows under attack, who answers, what an adversary may do, and the effort of each attack."""

    targets: Targets
    oracle: Oracle
    allowed: Perturbations
    effort: Effort


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attack found: ``cost`` float64 [n] (infinity where nothing), and ``queries`` int64 [n].

    ``numeric`` bool [n] are rows whose cheapest change left all categories as they were. ``obstacle`` says why it was
    not run; then only the rows as they are were asked about.
    """

    name: str
    kind: Kind
    cost: Matrix
    queries: npt.NDArray[np.int64]
    numeric: npt.NDArray[np.bool_]
    obstacle: str = ""

    @property
    def median(self) -> float:
        """Median cost of the rows that the model had right and that evaded; infinity where there is none."""
        found = self.cost[(self.cost > 0) & np.isfinite(self.cost)]
        return float(np.median(found)) if len(found) else np.inf


@dataclass(frozen=True, slots=True)
class Trial:
    """All attempts, and of each row the cheapest change: its ``cost`` [n] and the row as ``changed`` [n].

    A cost of 0 is a row that the model has wrong as it is, infinity one that no attack turned: it stays as it was.
    """

    attempts: tuple[Attempt, ...]
    cost: Matrix
    changed: Inputs

    def robust(self, budget: float) -> npt.NDArray[np.bool_]:
        """Rows [n] that the model has right and that no attack turned at a cost of ``budget`` or less."""
        robust: npt.NDArray[np.bool_] = self.cost > budget
        return robust


def attack_all(setting: Setting, knowledge: Knowledge, attacks: Sequence[Attack], seed: int) -> Trial:
    """Run the ``attacks`` one after another on the rows of ``setting``, each from a seed of its own."""
    if not attacks:
        raise InputError("a trial needs an attack", hint=f"there are {', '.join(ATTACKS)}")
    attempts, hunts = [], []
    for place, attack in enumerate(attacks):
        hunt = Hunt(setting.targets, setting.oracle, setting.allowed, setting.effort)
        obstacle = attack.obstacle(hunt, knowledge)
        if not obstacle:
            attack.run(hunt, knowledge, np.random.default_rng([seed, place]))
            hunts.append(hunt)
        attempts.append(Attempt(attack.name, attack.kind, hunt.cost, hunt.queries, _numeric(hunt), obstacle))
    return _trial(tuple(attempts), hunts or [hunt])


def _numeric(hunt: Hunt) -> Mask:
    kept: Mask = (hunt.best.codes == KEPT).all(axis=1)
    return kept


def _trial(attempts: tuple[Attempt, ...], hunts: Sequence[Hunt]) -> Trial:
    best, cost = hunts[0].best, hunts[0].cost
    for hunt in hunts[1:]:
        cheaper = hunt.cost < cost
        best, cost = choose(cheaper, hunt.best, best), np.where(cheaper, hunt.cost, cost)
    return Trial(attempts, cost, hunts[0].changed(np.arange(len(cost)), best))


def masking(trial: Trial, budgets: Sequence[float]) -> float | None:
    """Share of rows by which attacks without slopes beat those with them, at most; None where nothing compares.

    Only changes of numbers count: categories have no slope. Much above 0 the model hides its slopes (Athalye, Carlini
    and Wagner, "Obfuscated Gradients Give a False Sense of Security", ICML 2018), and what attacks of slopes say of it
    is worth little.
    """
    ran = [attempt for attempt in trial.attempts if not attempt.obstacle]
    with_slopes = [attempt for attempt in ran if attempt.kind is Kind.GRADIENT]
    others = [attempt for attempt in ran if attempt.kind is not Kind.GRADIENT]
    if not with_slopes or not others:
        return None
    costs = [
        np.min([np.where(attempt.numeric, attempt.cost, np.inf) for attempt in group], axis=0)
        for group in (with_slopes, others)
    ]
    return max(float((costs[0] > budget).mean() - (costs[1] > budget).mean()) for budget in budgets)
