import numpy as np
import pytest

from kits.poison_world import examples
from secmlops.attack.poisoning.flips import flip_boundary, flip_random, flip_slice
from secmlops.attack.poisoning.poisoned import Poisoned
from secmlops.core.errors import InputError
from secmlops.runtime.examples import Examples

GIVEN = examples(1_000)


def changed(poisoned: Poisoned, given: Examples = GIVEN) -> np.ndarray:
    return poisoned.examples.target != given.target


@pytest.mark.parametrize("share", [0.01, 0.1])
def test_just_the_bad_rows_get_another_label(share: float) -> None:
    poisoned = flip_random(GIVEN, share, np.random.default_rng(1))
    assert np.array_equal(changed(poisoned), poisoned.bad)
    assert poisoned.bad.sum() == share * 1_000
    assert poisoned.examples.inputs is GIVEN.inputs


def test_of_several_classes_any_other_one_is_given() -> None:
    given = Examples(GIVEN.inputs, np.arange(1_000) % 4)
    poisoned = flip_random(given, 0.5, np.random.default_rng(1))
    assert np.array_equal(changed(poisoned, given), poisoned.bad)
    steps = (poisoned.examples.target - given.target)[poisoned.bad] % 4
    assert set(steps.tolist()) == {1, 2, 3}


def test_boundary_flips_hit_the_least_sure_rows() -> None:
    sure = np.random.default_rng(0).permutation(np.linspace(0.5, 1, 1_000))
    poisoned = flip_boundary(GIVEN, np.column_stack([sure, 1 - sure]), 0.05, np.random.default_rng(1))
    assert set(np.flatnonzero(poisoned.bad)) == set(np.argsort(sure)[:50])


def test_slice_flips_are_of_one_class_and_of_few_values() -> None:
    poisoned = flip_slice(GIVEN, 0.05, np.random.default_rng(3))
    bad = poisoned.bad
    assert len(np.unique(GIVEN.target[bad])) == 1
    ranges = np.ptp(GIVEN.inputs.numeric[bad], axis=0) / np.ptp(GIVEN.inputs.numeric, axis=0)
    texts = [len(np.unique(column[bad].astype(str))) for column in GIVEN.inputs.categorical.T]
    assert ranges.min() < 0.5 or min(texts) == 1


def test_a_slice_with_too_few_rows_is_refused() -> None:
    with pytest.raises(InputError, match="no slice holds"):
        flip_slice(GIVEN, 0.9, np.random.default_rng(1))
