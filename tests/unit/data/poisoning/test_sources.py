import numpy as np
import pytest

from kits.poison_world import examples
from secmlops.attack.poisoning.influence import poison_source
from secmlops.data.poisoning.learner import design_of
from secmlops.data.poisoning.sources import find_bad_sources

GIVEN = examples(2_000)
DESIGN = design_of(GIVEN.inputs)
SOURCES = np.random.default_rng(4).integers(6, size=2_000)


@pytest.mark.parametrize("bad", [0, 3])
def test_a_poisoned_source_is_found_and_harms_the_others(bad: int) -> None:
    poisoned = poison_source(GIVEN, SOURCES, bad, 0.4, np.random.default_rng(1))
    (found,) = find_bad_sources(DESIGN, poisoned.examples.target, SOURCES, 0.02, 0)
    assert found.rows.tolist() == np.flatnonzero(bad == SOURCES).tolist()
    assert found.excess > 0.1
    assert found.influence > 0


def test_honest_sources_are_left_alone() -> None:
    assert find_bad_sources(DESIGN, GIVEN.target, SOURCES, 0.02, 0) == ()


def test_a_slight_excess_is_left_alone() -> None:
    poisoned = poison_source(GIVEN, SOURCES, 3, 0.4, np.random.default_rng(1))
    assert find_bad_sources(DESIGN, poisoned.examples.target, SOURCES, 0.6, 0) == ()


def test_two_sources_cannot_be_compared() -> None:
    poisoned = poison_source(GIVEN, SOURCES % 2, 1, 0.4, np.random.default_rng(1))
    assert find_bad_sources(DESIGN, poisoned.examples.target, SOURCES % 2, 0.02, 0) == ()


def test_a_source_of_few_rows_says_nothing() -> None:
    few = np.where(np.arange(2_000) < 20, 6, SOURCES)
    poisoned = poison_source(GIVEN, few, 6, 1.0, np.random.default_rng(1))
    assert find_bad_sources(DESIGN, poisoned.examples.target, few, 0.02, 0) == ()
