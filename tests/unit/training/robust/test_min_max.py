"""The closed form against what can be tried, and its slope against differences."""

from collections.abc import Callable

import numpy as np
import pytest

from secmlops.attack.evasion.hunt import Effort, Hunt, Targets
from secmlops.attack.evasion.perturbations import Norm, Perturbations
from secmlops.attack.evasion.proposal import Proposal
from secmlops.runtime.signature import Inputs, Signature
from secmlops.training.columns import steady_columns
from secmlops.training.models import with_ones
from secmlops.training.robust.min_max import Part, min_max
from secmlops.training.robust.reach import Reach
from secmlops.training.transport import to_table

BUDGET = 0.8
WAYS = pytest.mark.parametrize(
    ("norm", "sums"), [(Norm.L2, False), (Norm.L2, True), (Norm.LINF, False)], ids=["l2", "l2 with a sum", "linf"]
)


def scored(rows: Inputs, columns: object, signature: Signature) -> np.ndarray:
    return with_ones(columns.transform(to_table(rows, signature)))  # type: ignore[attr-defined]


@WAYS
def test_no_change_that_is_paid_for_falls_below_the_closed_form_and_one_of_numbers_reaches_it(
    norm: Norm, sums: bool, data: tuple[Inputs, np.ndarray], allowed: Callable[..., Perturbations], signature: Signature
) -> None:
    rows, rules = data[0], allowed(norm, sums=sums)
    columns = steady_columns(to_table(rows, signature), scaled=True)
    draw = np.random.default_rng(0)
    design = scored(rows, columns, signature)
    weights = draw.normal(size=(design.shape[1],))
    reach = Reach.of(rows, columns, rules, BUDGET)
    fall, worst = reach.fall(weights[:-1])
    hunt = Hunt(Targets(rows, data[1]), lambda asked: np.ones((len(asked), 3)), rules, Effort(1000))
    places, tried, most = np.arange(len(rows)), Proposal(hunt, BUDGET, draw), np.zeros(len(rows))
    for _ in range(12):
        moves = hunt.settled(places, tried.first(places))
        paid = rules.cost(moves) <= BUDGET
        gained = (scored(hunt.changed(places, moves), columns, signature) - design) @ weights
        assert (gained <= fall + 1e-6)[paid].all()
        most = np.maximum(most, np.where(paid, gained, 0.0))
    assert (most > 0.4 * fall).mean() > 0.2
    shift = (worst.rest[:, None] * reach.directions(worst.slopes)[reach.pattern]) * rules.unit
    moved = Inputs((rows.numeric + shift).astype(np.float32), rows.categorical)
    gains = np.stack([text.gain(weights[:-1])[0] for text in reach.texts], axis=1)
    texts = np.where(worst.moved, gains, 0.0).sum(axis=1)
    assert (scored(moved, columns, signature) - design) @ weights + texts == pytest.approx(fall, abs=1e-4)
    assert (moved.numeric[:, 3] == rows.numeric[:, 3]).all()


@WAYS
def test_the_slope_of_the_worst_loss_is_that_of_its_differences(
    norm: Norm, sums: bool, data: tuple[Inputs, np.ndarray], allowed: Callable[..., Perturbations], signature: Signature
) -> None:
    rows = data[0]
    columns = steady_columns(to_table(rows, signature), scaled=True)
    design = scored(rows, columns, signature)
    part = Part(1, design, Reach.of(rows, columns, allowed(norm, sums=sums), BUDGET))
    draw = np.random.default_rng(1)
    weights = draw.normal(size=(3, design.shape[1])) / 3
    way = draw.normal(size=weights.shape)
    _, slope = part.loss(weights)
    up, down = (part.loss(weights + step * way)[0] for step in (1e-6, -1e-6))
    assert (up - down) / 2e-6 == pytest.approx(float((slope * way).sum()), rel=1e-5)


def test_the_found_weights_are_the_best_there_are(
    data: tuple[Inputs, np.ndarray], allowed: Callable[..., Perturbations], signature: Signature
) -> None:
    rows, target = data
    columns = steady_columns(to_table(rows, signature), scaled=True)
    parts = []
    for own in range(3):
        some = rows.take(np.flatnonzero(target == own))
        parts.append(Part(own, scored(some, columns, signature), Reach.of(some, columns, allowed(), 0.3)))
    start = np.zeros((3, parts[0].design.shape[1]))

    def worst(weights: np.ndarray) -> float:
        return sum(part.loss(weights)[0] for part in parts) + 0.5 * float((weights**2).sum())

    weights = min_max(parts, start, 1.0)
    draw = np.random.default_rng(4)
    others = [worst(weights + size * draw.normal(size=weights.shape)) for size in (0.001, 0.01, 0.1) for _ in range(5)]
    assert worst(weights) < min(*others, worst(start))
