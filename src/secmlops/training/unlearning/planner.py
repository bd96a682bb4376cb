"""Picks the cheapest honest way for a model to forget, by what its training took, and says why the others are shut.

A way is honest when its result is that of training again, exactly or within a bound that it proves. Every way but
training again keeps the division of the rows into training and holdout; where removing rows draws it anew, a model
that was only mended would have learnt from rows that it is now judged by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from secmlops.core.errors import InputError

_FLOPS = 1e9
"""Operations a second that a slow core does in float64 products: an estimate errs to the dear side."""
_OVERHEAD_S = 0.01


class Way(StrEnum):
    """The ways to forget."""

    STATISTICS = "exact statistics"
    NEWTON = "a Newton step"
    TREES = "the affected trees"
    RETRAINING = "training again"


@dataclass(frozen=True, slots=True)
class Trained:
    """What is on record of a training: the built-in ``model`` (None for one's own code), rows, inputs, and seconds.

    ``same_division``: whether rows that stay are trained and held out as before. ``sample_share`` is the share of rows
    that each tree of a forest sees by the rows' own keys, None where samples are drawn by place.
    ``penalised_intercept`` and ``fixed_design``: whether the penalty holds for all weights, and whether scales and
    categories were not learnt from the rows; a Newton step proves its bound for just these.
    """

    model: str | None
    rows: int
    inputs: int
    seconds: float
    classes: int = 2
    same_division: bool = True
    sample_share: float | None = None
    penalised_intercept: bool = True
    fixed_design: bool = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """A way, the seconds that it is expected to take, and why it is shut; open when ``obstacle`` is empty."""

    way: Way
    seconds: float
    obstacle: str = ""


def plan(trained: Trained, forgotten: int) -> tuple[Estimate, ...]:
    """All ways for ``forgotten`` rows to be forgotten, the open ones first, the cheaper before the dearer.

    Raises InputError when there is no row to forget, or more than were learnt.
    """
    if not 0 < forgotten <= trained.rows:
        raise InputError(f"{forgotten} of {trained.rows} rows cannot be forgotten")
    share = 1.0 if trained.sample_share is None else 1 - (1 - trained.sample_share) ** forgotten
    square, cube = (trained.inputs + 1) ** 2, (trained.inputs + 1) ** 3
    estimates = (
        Estimate(Way.STATISTICS, _OVERHEAD_S + (forgotten * square + cube) / _FLOPS, _statistics_obstacle(trained)),
        Estimate(Way.NEWTON, _OVERHEAD_S + (3 * trained.rows * square + cube) / _FLOPS, _newton_obstacle(trained)),
        Estimate(Way.TREES, _OVERHEAD_S + share * trained.seconds, _trees_obstacle(trained)),
        Estimate(Way.RETRAINING, trained.seconds),
    )
    return tuple(sorted(estimates, key=lambda one: (bool(one.obstacle), one.seconds)))


def cheapest(estimates: Sequence[Estimate]) -> Estimate:
    """The cheapest way that is open; training again always is."""
    return next(one for one in estimates if not one.obstacle)


def _common_obstacle(trained: Trained) -> str:
    if trained.model is None:
        return "the training code is one's own, and only it knows what it learns"
    if not trained.same_division:
        return "without the rows, training and holdout are divided anew"
    return "" if trained.fixed_design else "scales and categories were learnt from the rows, too"


def _statistics_obstacle(trained: Trained) -> str:
    return (
        ""
        if trained.model == "linear_regression" and not _common_obstacle(trained)
        else _named(trained, "linear_regression")
    )


def _newton_obstacle(trained: Trained) -> str:
    if trained.model != "logistic_regression" or _common_obstacle(trained):
        return _named(trained, "logistic_regression")
    if trained.classes != 2:
        return "the bound is proved for two classes"
    return "" if trained.penalised_intercept else "the intercept is not penalised, so no bound holds"


def _trees_obstacle(trained: Trained) -> str:
    if trained.model != "random_forest" or _common_obstacle(trained):
        return _named(trained, "random_forest")
    return "samples are drawn by place, and shift when a row leaves" if trained.sample_share is None else ""


def _named(trained: Trained, model: str) -> str:
    """Why a way for ``model`` is shut: for another one, or for all."""
    common = _common_obstacle(trained)
    return common if trained.model in (None, model) else f"a way for {model}"
