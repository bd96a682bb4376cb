"""Reweighing: groups and classes are independent in what is drawn, and a planted bias is taken back, at a price."""

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.job import TrainingJob
from secmlops.training.models import logistic_regression
from secmlops.training.reweighing import Reweighing, drawn_rows

SIGNATURE = Signature(
    task=Task.BINARY,
    features=(Feature(name="skill", kind=FeatureKind.NUMERIC), Feature(name="proxy", kind=FeatureKind.NUMERIC)),
    classes=("no", "yes"),
)


def biased(rows: int) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """Equal skill in two groups, one of which was refused more often; the proxy tells the group."""
    rng = np.random.default_rng(0)
    group = rng.integers(2, size=rows)
    skill = rng.normal(size=rows)
    target = (skill + 1.0 * group + 0.5 * rng.normal(size=rows) > 0.5).astype(np.int64)
    numbers = np.stack([skill, group + 0.1 * rng.normal(size=rows)], axis=1).astype(np.float32)
    return pa.table({"skill": numbers[:, 0], "proxy": numbers[:, 1]}), target, group.astype(np.int64)


def test_every_group_is_drawn_with_the_same_share_of_each_class() -> None:
    _, target, group = biased(3_000)
    drawn = drawn_rows(group, target, 0)
    assert len(drawn) == pytest.approx(3_000, abs=4)
    shares = [target[drawn][group[drawn] == g].mean() for g in (0, 1)]
    assert shares == pytest.approx([target.mean()] * 2, abs=0.002)
    counts = np.bincount(drawn, minlength=3_000)
    for g in (0, 1):
        for c in (0, 1):
            assert np.ptp(counts[(group == g) & (target == c)]) <= 1
    assert (drawn_rows(group, target, 0) == drawn).all()


def test_a_planted_bias_is_taken_back_and_its_price_told() -> None:
    table, target, group = biased(3_000)
    told = Reweighing(group, pa.Table.take).price(logistic_regression, (table, target), SIGNATURE, 0)
    assert told.plain.difference > 0.25
    assert told.reweighed.difference < 0.7 * told.plain.difference
    assert 0 < told.measures()["reweighing_price_on_training"] < 0.2


def test_a_job_is_asked_for_groups_that_it_has() -> None:
    table, target, group = biased(40)
    numbers = np.stack([column.to_numpy() for column in table.itercolumns()], axis=1)
    inputs = Inputs(numbers, np.empty((40, 0), object))
    train = Examples(inputs, target, {"sex": np.where(group == 1, "m", "f").astype(object)})
    job = TrainingJob(train, inputs, SIGNATURE, model="logistic_regression", reweigh="sex")
    assert (job.groups() == group).all()
    assert "reweigh" in job.materials()
    with pytest.raises(InputError, match="no groups"):
        TrainingJob(train, inputs, SIGNATURE, model="logistic_regression", reweigh="age")
