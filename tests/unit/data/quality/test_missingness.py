import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.quality.missingness import DependentMissingness, dependent_missingness

ROWS = 2_000
RNG = np.random.default_rng(3)
LABEL = (RNG.random(ROWS) < 0.3).astype(np.int64)
VALUES, QUANTITY = RNG.normal(size=(2, ROWS))


def dataset(gaps: np.ndarray, label: object = LABEL, task: Task = Task.BINARY) -> DataSet:
    table = pa.table({"x": pa.array(VALUES, mask=gaps), "full": VALUES, "label": label})
    return DataSet("d", table, Digest.of(b""), task, "label")


def found(gaps: np.ndarray, label: object = LABEL, task: Task = Task.BINARY) -> list[DependentMissingness]:
    return list(dependent_missingness(dataset(gaps, label, task), 0.05))


def test_gaps_that_know_nothing_of_the_label_are_fine() -> None:
    rng = np.random.default_rng(7)
    assert found(rng.random(ROWS) < 0.3) == []
    assert found(np.zeros(ROWS, bool)) == []


def test_chance_alone_is_rarely_told() -> None:
    rng = np.random.default_rng(8)
    assert sum(len(found(rng.random(ROWS) < 0.2)) for _ in range(200)) <= 2


def test_gaps_of_one_class_are_told_with_their_shares() -> None:
    (gap,) = found((LABEL == 1) & (VALUES < 0))
    assert gap.column == "x"
    shares = {LABEL[gap.example]: gap.inside, 1 - LABEL[gap.example]: gap.outside}
    assert shares[1] == pytest.approx(float(np.mean(VALUES[LABEL == 1] < 0)))
    assert shares[0] == 0


def test_a_small_difference_is_left_alone() -> None:
    rng = np.random.default_rng(7)
    gaps = (LABEL == 1) & (rng.random(ROWS) < 0.04)
    assert found(gaps) == []
    assert len(dependent_missingness(dataset(gaps), 0.01)) == 1


def test_the_class_with_the_gaps_is_found_among_several() -> None:
    rng = np.random.default_rng(7)
    classes = np.array(["a", "b", "c"])[rng.integers(0, 3, ROWS)]
    (gap,) = found((classes == "c") & (VALUES < 0), classes, Task.MULTICLASS)
    assert classes[gap.example] == "c"
    assert gap.inside > 0.4 > gap.outside


def test_gaps_at_one_end_of_a_quantity_are_found() -> None:
    (gap,) = found(QUANTITY > 1, QUANTITY, Task.REGRESSION)
    assert gap.inside > 0.2
    assert gap.outside == 0
