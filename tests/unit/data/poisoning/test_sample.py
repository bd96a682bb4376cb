import numpy as np

from kits.poison_world import examples, prepared
from secmlops.core.task import Task
from secmlops.data.poisoning.sample import MOST_CLASSES, sample
from secmlops.runtime.examples import Examples

GIVEN = examples(600)
GROUPED = prepared(GIVEN)


def test_it_holds_both_sides_in_the_order_of_the_table() -> None:
    rows = sample(GROUPED, 1_000, 0)
    assert rows is not None
    assert rows.rows.tolist() == list(range(600))
    assert np.array_equal(rows.inputs.numeric, GIVEN.inputs.numeric)
    assert np.array_equal(rows.labels, GIVEN.target)
    assert rows.classes == (0, 1)


def test_of_very_many_rows_it_draws_the_same_ones_every_time() -> None:
    first, second = sample(GROUPED, 100, 3), sample(GROUPED, 100, 3)
    assert first is not None
    assert second is not None
    assert len(first) == 100
    assert first.rows.tolist() == sorted(set(first.rows.tolist())) == second.rows.tolist()
    assert np.array_equal(first.inputs.numeric, GIVEN.inputs.numeric[first.rows])
    assert np.array_equal(first.labels, GIVEN.target[first.rows])


def test_rare_classes_share_a_label_where_there_are_very_many() -> None:
    target = np.append(np.repeat(np.arange(25), 20), np.full(100, 7))
    rows = sample(prepared(Examples(GIVEN.inputs, target)), 1_000, 0)
    assert rows is not None
    assert rows.labels.max() == MOST_CLASSES
    assert len(rows.classes) == MOST_CLASSES
    assert 7 in rows.classes
    assert np.array_equal(np.array(rows.classes)[rows.labels[target == 7]], np.full(120, 7))


def test_a_quantity_and_a_tiny_table_are_not_examined() -> None:
    quantity = Examples(GIVEN.inputs, np.linspace(0, 1, 600))
    assert sample(prepared(quantity, Task.REGRESSION), 1_000, 0) is None
    assert sample(prepared(GIVEN.take(np.arange(40))), 1_000, 0) is None
