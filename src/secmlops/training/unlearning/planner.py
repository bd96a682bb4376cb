"""Picks the cheapest honest way for a model to forget, by what its training took, and says why the others are shut.

A way is honest when its result is that of training again on the rows as they are now, exactly or within a bound that it
proves. So it does not matter which rows left or came, only how many, and that what the earlier model left behind is
still there and was made in the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from secmlops.core.errors import InputError

_FLOPS = 1e9
"""Operations a second that a slow core does in float64 products: an estimate errs to the dear side."""


class Way(StrEnum):
    """The ways to forget."""

    NEWTON = "a Newton step"
    TREES = "the affected trees"
    RETRAINING = "training again"


GUARANTEES = {Way.NEWTON: "bounded", Way.TREES: "exact", Way.RETRAINING: "exact"}
"""How near each way comes to training again."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What is on record of a training: the built-in ``model`` (None for one's own code), ``rows`` and ``inputs``.

    ``seconds`` is all that it took, of which ``fit_seconds`` were for fitting the model itself. ``share`` of the rows
    is seen by each tree of a forest. ``obstacle`` says why what it left behind cannot be used, empty where it can.
    """

    model: str | None
    rows: int
    inputs: int
    seconds: float
    fit_seconds: float
    classes: int = 2
    share: float = 0.4
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A way, the seconds that it is expected to take, and why it is shut; open when ``obstacle`` is empty."""

    way: Way
    seconds: float
    obstacle: str = ""

    def __str__(self) -> str:
        return f"{self.way}: {GUARANTEES[self.way]}, about {self.seconds:.2f} s, {self.obstacle or 'open'}"


def plan(trained: Trained, changed: int) -> tuple[Estimate, ...]:
    """All ways for ``changed`` rows that left or came, the open ones first, the cheaper before the dearer.

    Raises InputError for a number of rows below 0.
    """
    if changed < 0:
        raise InputError(f"{changed} rows cannot have changed")
    start = max(0.0, trained.seconds - trained.fit_seconds)
    share = 1 - (1 - trained.share) ** changed
    square, cube = (trained.inputs + 1) ** 2, (trained.inputs + 1) ** 3
    newton = (3 * trained.rows * square + cube) / _FLOPS
    estimates = (
        Estimate(Way.NEWTON, start + newton, _newton_obstacle(trained)),
        Estimate(Way.TREES, start + share * trained.fit_seconds, _trees_obstacle(trained)),
        Estimate(Way.RETRAINING, start + trained.fit_seconds),
    )
    return tuple(sorted(estimates, key=lambda one: (bool(one.obstacle), one.seconds)))


def cheapest(estimates: Sequence[Estimate]) -> Estimate:
    """The cheapest way that is open; training again always is."""
    return next(one for one in estimates if not one.obstacle)


def _newton_obstacle(trained: Trained) -> str:
    if trained.model == "logistic_regression" and trained.classes != 2:
        return "the bound is proved for two classes"
    return _obstacle(trained, "logistic_regression")


def _trees_obstacle(trained: Trained) -> str:
    return _obstacle(trained, "random_forest")


def _obstacle(trained: Trained, model: str) -> str:
    """Why a way for ``model`` is shut: for all of one's own code, for another model, or for want of what was left."""
    if trained.model is None:
        return "the training code is one's own, and only it knows what it learns"
    return trained.obstacle if trained.model == model else f"a way for {model}"
