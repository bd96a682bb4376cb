"""Reference models of halves: who learns from what, and that nothing else than probabilities comes out."""

import numpy as np
import pytest

from secmlops.core.errors import IsolationError
from secmlops.training import references
from secmlops.training.references import fit_references, halves, read_references, shown, size_bound
from secmlops.training.transport import array_to_bytes

TARGET = np.array([0] * 40 + [1] * 9 + [2] * 2)


def test_halves_are_pairs_with_a_share_of_each_class() -> None:
    drawn = halves(TARGET, 4, seed=3)
    assert [len(half) for half in drawn] == [26, 25, 26, 25]
    for one, other in (drawn[:2], drawn[2:]):
        assert sorted([*one, *other]) == list(range(len(TARGET)))
        assert set(TARGET[one]) == set(TARGET[other]) == {0, 1, 2}
        assert np.bincount(TARGET[one]).tolist() == [20, 5, 1]
    assert not np.array_equal(drawn[0], drawn[2])
    assert all(np.array_equal(*both) for both in zip(drawn, halves(TARGET, 4, seed=3), strict=True))


def test_each_is_fitted_with_a_seed_of_its_own_and_the_rows_shown_are_bounded(monkeypatch) -> None:
    seen = []

    def fit(rows: np.ndarray, seed: int) -> np.ndarray:
        seen.append((rows.tolist(), seed, np.random.random()))  # as the user's code may draw
        return np.full((3, 2), 0.5)

    assert fit_references(fit, TARGET, 2, 2**32 - 2).shape == (6, 2)
    assert [seed for _, seed, _ in seen] == [2**32 - 1, 0]
    assert seen[0][2] != seen[1][2]
    monkeypatch.setattr(references, "MAX_ROWS", 5)
    assert len(shown(20, 0)) == 5
    assert shown(3, 0).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "answers",
    [
        np.full((9, 2), 0.5),
        np.full((10, 3), 0.5),
        np.full((10, 2), 1.5),
        np.full((10, 2), np.nan),
        np.zeros((10, 2), int),
    ],
)
def test_what_does_not_fit_the_job_is_refused(answers: np.ndarray) -> None:
    with pytest.raises(IsolationError):
        read_references(array_to_bytes(answers), models=2, train=4, holdout=1, outputs=2)


def test_what_fits_is_read_model_by_model() -> None:
    given = np.random.default_rng(0).random((10, 2))
    data = array_to_bytes(given)
    assert len(data) <= size_bound(2, 2)
    read = read_references(data, models=2, train=4, holdout=1, outputs=2)
    np.testing.assert_array_equal(read, given.reshape(2, 5, 2))
