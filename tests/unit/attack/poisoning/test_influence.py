import numpy as np
import pytest

from kits.poison_world import examples
from secmlops.attack.poisoning.influence import collide, duplicate, poison_source
from secmlops.core.errors import InputError

GIVEN = examples(1_000)


def test_copies_are_of_few_rows_with_another_label() -> None:
    poisoned = duplicate(GIVEN, 0.03, 3, np.random.default_rng(1))
    numbers = poisoned.examples.inputs.numeric[poisoned.bad]
    assert len(np.unique(numbers, axis=0)) == 3
    for row in np.unique(numbers, axis=0):
        original = GIVEN.target[(GIVEN.inputs.numeric == row).all(axis=1)]
        copied = poisoned.examples.target[poisoned.bad][(numbers == row).all(axis=1)]
        assert len(copied) == 10
        assert (copied != original).all()


def test_more_points_than_copies_are_refused() -> None:
    with pytest.raises(InputError, match="40 points for 30 copies"):
        duplicate(GIVEN, 0.03, 40, np.random.default_rng(1))


def test_clean_label_points_move_towards_the_victim_and_keep_their_label() -> None:
    poisoned = collide(GIVEN, 5, 0.02, 0.75, np.random.default_rng(1))
    assert np.array_equal(poisoned.examples.target, GIVEN.target)
    assert (GIVEN.target[poisoned.bad] != GIVEN.target[5]).all()
    victim, bad = GIVEN.inputs.numeric[5], poisoned.bad
    before = np.abs(GIVEN.inputs.numeric[bad] - victim)
    after = np.abs(poisoned.examples.inputs.numeric[bad] - victim)
    assert np.allclose(after, before / 4, atol=1e-5)
    assert np.array_equal(poisoned.examples.inputs.numeric[~bad], GIVEN.inputs.numeric[~bad])


def test_only_the_bad_source_is_poisoned() -> None:
    sources = np.arange(1_000) % 5
    poisoned = poison_source(GIVEN, sources, 2, 0.3, np.random.default_rng(1))
    assert set(sources[poisoned.bad].tolist()) == {2}
    assert poisoned.bad.sum() == 60
    assert np.array_equal(poisoned.examples.target != GIVEN.target, poisoned.bad)


@pytest.mark.parametrize(("bad", "share"), [(9, 0.3), (2, 0.0)])
def test_a_source_without_rows_or_no_share_is_refused(bad: int, share: float) -> None:
    with pytest.raises(InputError, match="of a source of"):
        poison_source(GIVEN, np.arange(1_000) % 5, bad, share, np.random.default_rng(1))
