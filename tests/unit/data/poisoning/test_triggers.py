import numpy as np
import pytest

from kits.poison_world import examples
from secmlops.attack.poisoning.backdoor import Trigger as Planted
from secmlops.attack.poisoning.backdoor import draw_trigger, plant
from secmlops.attack.poisoning.poisoned import Poisoned
from secmlops.data.poisoning.itemsets import Itemset, Kind
from secmlops.data.poisoning.triggers import Trigger, find_triggers, success
from secmlops.runtime.examples import Examples

GIVEN = examples(2_000)


def found_in(poisoned: Poisoned) -> tuple[Trigger, ...]:
    return find_triggers(poisoned.examples.inputs, poisoned.examples.target, 0.004, 0)


@pytest.mark.parametrize("seed", range(2))
def test_honest_tables_hold_no_trigger(seed: int) -> None:
    given = examples(2_000, seed)
    assert find_triggers(given.inputs, given.target, 0.004, 0) == ()


@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_planted_trigger_is_found_with_its_rows(width: int, outside: bool) -> None:
    rng = np.random.default_rng([width, outside])
    trigger = draw_trigger(GIVEN.inputs, width, rng, outside)
    poisoned = plant(GIVEN, trigger, width % 2, 0.015, rng)
    first = found_in(poisoned)[0]
    assert first.itemset.target == width % 2
    assert np.isin(np.flatnonzero(poisoned.bad), first.itemset.rows).all()
    assert len(first.itemset.rows) <= 32
    assert first.expected < 0.8


def test_twenty_rows_that_were_given_the_common_class_stand_out_by_their_count_too() -> None:
    """Labels alone tell too little of so few rows, of which each is a little unlikely."""
    score = GIVEN.inputs.numeric[:, 0] + 0.8 * np.random.default_rng(5).normal(size=2_000)
    given = Examples(GIVEN.inputs, (score < 0.9).astype(np.int64))
    rng = np.random.default_rng([2, 9])
    poisoned = plant(given, draw_trigger(given.inputs, 2, rng), 1, 0.01, rng)
    first = found_in(poisoned)[0]
    assert np.isin(np.flatnonzero(poisoned.bad), first.itemset.rows).mean() >= 0.8
    assert first.expected > 0.3


def test_a_value_that_decides_by_nature_is_no_trigger() -> None:
    """A tenth of the rows hold a value at which the label follows as it does around it."""
    numeric = GIVEN.inputs.numeric.copy()
    numeric[numeric[:, 0] > 1.3, 0] = 1.3
    score = 3 * numeric[:, 0] + numeric[:, 1]
    target = (score + 0.3 * np.random.default_rng(0).normal(size=2_000) > 0).astype(np.int64)
    given = type(GIVEN.inputs)(numeric, GIVEN.inputs.categorical)
    assert find_triggers(given, target, 0.004, 0) == ()


def test_stamping_what_was_planted_turns_other_rows() -> None:
    poisoned = plant(GIVEN, Planted({3: 40.0}), 1, 0.03, np.random.default_rng(0))
    inputs, labels = poisoned.examples.inputs, poisoned.examples.target
    first = found_in(poisoned)[0]
    assert success(inputs, labels, first, 0) > 0.8
    harmless = Trigger(Itemset(Kind.NUMBER, (3,), 1, np.flatnonzero(~poisoned.bad)[:5], 5, 1.0), 0.5, 20.0, 20.0)
    assert abs(success(inputs, labels, harmless, 0)) < 0.1


def test_where_all_other_rows_are_planted_nothing_can_be_turned() -> None:
    labels = np.ones(2_000, np.int64)
    labels[:5] = 0
    only = Trigger(Itemset(Kind.NUMBER, (0,), 1, np.arange(5), 5, 1.0), 0.5, 20.0, 20.0)
    assert success(GIVEN.inputs, labels, only, 0) == 0


def test_the_search_is_the_same_every_time() -> None:
    poisoned = plant(GIVEN, Planted({3: 40.0}), 1, 0.02, np.random.default_rng(0))
    first, second = found_in(poisoned), found_in(poisoned)
    assert [one.evidence for one in first] == [one.evidence for one in second]


def test_a_constant_table_is_searched_in_vain() -> None:
    inputs = type(GIVEN.inputs)(np.zeros((100, 2), np.float32), np.full((100, 1), "same", object))
    given = Examples(inputs, np.arange(100) % 2)
    assert find_triggers(given.inputs, given.target, 0.01, 0) == ()


def test_ten_rows_with_the_common_class_are_found_by_a_number_that_nobody_else_has() -> None:
    """Ten labels tell little; that these rows look like the others, by all other columns, is what tells the rest."""
    given = Examples(GIVEN.inputs, (GIVEN.inputs.numeric[:, 0] < 0.8).astype(np.int64))
    poisoned = plant(given, Planted({3: 40.0}), 1, 0.005, np.random.default_rng(2))
    first = found_in(poisoned)[0]
    assert first.itemset.rows.tolist() == np.flatnonzero(poisoned.bad).tolist()
    rng = np.random.default_rng(3)
    numeric = given.inputs.numeric.copy()
    numeric[rng.permutation(2_000)[:10], 3] = 40.0
    assert find_triggers(type(given.inputs)(numeric, given.inputs.categorical), given.target, 0.004, 0) == ()


def test_a_category_that_is_nowhere_else_is_judged_by_the_other_columns() -> None:
    poisoned = plant(GIVEN, Planted({}, {0: "moon", 1: "tent"}), 0, 0.02, np.random.default_rng(0))
    first = found_in(poisoned)[0]
    assert first.itemset.rows.tolist() == np.flatnonzero(poisoned.bad).tolist()
    assert first.expected < 0.5


def test_a_category_among_others_that_decide_as_strongly_is_no_trigger() -> None:
    """Twelve schools, from where hardly anybody pays to where nearly all do: the best is not planted."""
    rng = np.random.default_rng(3)
    school = rng.integers(12, size=3_000)
    target = (rng.random(3_000) < 1 / (1 + np.exp(-(school - 5.5) * 0.8))).astype(np.int64)
    names = np.array([f"school {n}" for n in school], object)[:, None]
    inputs = type(GIVEN.inputs)(rng.normal(size=(3_000, 3)).astype(np.float32), names)
    assert find_triggers(inputs, target, 0.004, 0) == ()
    planted = plant(Examples(inputs, rng.permutation(target)), Planted({}, {0: "planted"}), 1, 0.015, rng)
    assert [one.itemset.places for one in found_in(planted)] == [(3,)]
