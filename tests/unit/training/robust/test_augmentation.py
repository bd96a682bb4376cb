"""What a fitting function gets to see: rows changed within the rules, as many as there were."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from secmlops.attack.evasion.perturbations import Norm, Perturbations
from secmlops.runtime.signature import Inputs, Signature
from secmlops.training.models import logistic_regression
from secmlops.training.robust.augmentation import Augmentation
from secmlops.training.robust.ladder import Task
from secmlops.training.robust.mixup import mixed
from secmlops.training.robust.rows import Bench, inputs_of
from secmlops.training.robust.settings import RobustSettings


class Seen:
    """Logistic regression, by a function that keeps what it is given."""

    def __init__(self) -> None:
        self.frames: list[Any] = []

    def __call__(self, frame: Any, target: np.ndarray, seed: int) -> Any:
        self.frames.append((frame, target))
        return logistic_regression(frame, target, seed)


def test_changed_rows_take_the_place_of_rows_within_the_rules(
    data: tuple[Inputs, np.ndarray], allowed: Callable[..., Perturbations], signature: Signature
) -> None:
    rows, target = data
    rules = allowed(Norm.L2, sums=True)
    made = []
    for _ in range(2):
        seen = Seen()
        settings = RobustSettings(budget=0.4, rounds=1, queries=6)
        ladder = Augmentation(Task(Bench(seen, signature, pandas=False), settings, rules))
        assert len(list(ladder.rungs(rows, target, 3))) == 2
        made.append([inputs_of(frame, signature) for frame, _ in seen.frames])
        assert all((given == target).all() for _, given in seen.frames)
    for first, again in zip(*made, strict=True):
        assert first.numeric.tobytes() == again.numeric.tobytes()
        assert (first.categorical == again.categorical).all()
    plain, *changed = made[0]
    assert plain.numeric.tobytes() == rows.numeric.tobytes()
    for found in changed:
        moved = np.nan_to_num(found.numeric - rows.numeric)
        assert 0.2 < (moved[:, :3] != 0).any(axis=1).mean() < 0.8
        assert (moved[:, 3] == 0).all()
        assert (found.categorical[:, 2] == rows.categorical[:, 2]).all()
        assert (np.isnan(found.numeric) == np.isnan(rows.numeric)).all()
        assert (found.numeric[:, 2] == found.numeric[:, 2].round()).all()
        assert np.abs(moved[:, 0] + moved[:, 1]).max() < 1e-5
        texts = 0.5**2 * (found.categorical != rows.categorical).sum(axis=1)
        spent = (np.divide(moved, rules.unit, out=np.zeros_like(moved, float), where=rules.unit > 0) ** 2).sum(axis=1)
        assert (spent + texts).max() <= (1.5 * 0.4) ** 2 * (1 + 1e-4)


def test_mixed_rows_lie_between_rows_and_leave_what_nobody_can_change(
    data: tuple[Inputs, np.ndarray], allowed: Callable[..., Perturbations]
) -> None:
    rows, target = data
    mix, labels = mixed(rows, target, allowed(), 0.8, np.random.default_rng(0))
    held, _ = mixed(rows, target, allowed(sums=True), 0.8, np.random.default_rng(0))
    assert mixed(rows, target, allowed(), 0.0, np.random.default_rng(0)) == (rows, target)
    assert (mix.numeric[:, 3] == rows.numeric[:, 3]).all()
    assert (mix.categorical[:, 2] == rows.categorical[:, 2]).all()
    assert (mix.numeric[:, 2] == mix.numeric[:, 2].round()).all()
    assert (mix.numeric[:, 0] != rows.numeric[:, 0]).mean() > 0.9
    assert rows.numeric[:, 0].min() <= mix.numeric[:, 0].min() <= mix.numeric[:, 0].max() <= rows.numeric[:, 0].max()
    assert (held.numeric[:, :2].tobytes(), held.numeric[:, 3].tobytes()) == (
        rows.numeric[:, :2].tobytes(),
        rows.numeric[:, 3].tobytes(),
    )
    assert 0.02 < (labels != target).mean() < 0.35
    assert (mix.categorical[:, 0] != rows.categorical[:, 0]).mean() > 0.05


def test_a_table_and_a_frame_are_read_alike(data: tuple[Inputs, np.ndarray], signature: Signature) -> None:
    given: list[Any] = []
    Bench(lambda frame, target, seed: given.append(frame), signature, pandas=True).made(*data, 0)
    assert not isinstance(given[0], pa.Table)
    found = inputs_of(given[0], signature)
    assert found.numeric.tobytes() == data[0].numeric.tobytes()
    assert (found.categorical == data[0].categorical).all()
