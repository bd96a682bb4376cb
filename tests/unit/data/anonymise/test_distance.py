import numpy as np
import pytest

from secmlops.data.anonymise.distance import equal_distance, ordered_distance, tree_distance
from secmlops.data.anonymise.hierarchy import Hierarchy
from secmlops.data.anonymise.tree import plant

SALARIES = np.full(9, 1 / 9)


def test_the_example_of_the_paper() -> None:
    """t-Closeness (2007), section 4: {3k, 4k, 5k} and {6k, 8k, 11k} of 3k to 11k."""
    low, spread = np.zeros(9), np.zeros(9)
    low[[0, 1, 2]], spread[[3, 5, 8]] = 1 / 3, 1 / 3
    assert ordered_distance(np.stack([low, spread]) - SALARIES) == pytest.approx([0.375, 0.167], abs=5e-4)


def test_equal_distance_is_half_the_sum_of_differences() -> None:
    assert equal_distance(np.array([[0.5, -0.3, -0.2], [0.0, 0.0, 0.0]])) == pytest.approx([0.5, 0.0])


def test_a_single_value_is_no_distance() -> None:
    assert ordered_distance(np.zeros((2, 1))).tolist() == [0, 0]


DISEASES = plant(
    Hierarchy.from_nested(
        {
            "digestive": {"stomach": ["gastric ulcer", "gastritis"], "colon": ["colitis", "colon cancer"]},
            "respiratory": {"lung": ["flu", "pneumonia"], "bronchus": ["bronchitis", "asthma"]},
        }
    ),
    dict.fromkeys(
        ("gastric ulcer", "gastritis", "colitis", "colon cancer", "flu", "pneumonia", "bronchitis", "asthma"), 1
    ),
)


@pytest.mark.parametrize(("other", "height"), [("gastritis", 1), ("colitis", 2), ("flu", 3)])
def test_tree_distance_is_the_height_of_the_common_group(other: str, height: int) -> None:
    excess = np.zeros((1, 8))
    excess[0, DISEASES.leaves.index("gastric ulcer")] = 1
    excess[0, DISEASES.leaves.index(other)] = -1
    assert tree_distance(excess, DISEASES) == pytest.approx([height / 3])


def test_a_tree_of_one_level_is_equal_distance() -> None:
    names = tuple("abcd")
    flat = plant(Hierarchy(dict.fromkeys(names, "*")), dict.fromkeys(names, 1))
    excess = np.random.default_rng(3).dirichlet(np.ones(4), 20) - 0.25
    assert tree_distance(excess, flat) == pytest.approx(equal_distance(excess))
