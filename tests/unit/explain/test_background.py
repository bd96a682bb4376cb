import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.explain.background import background_of


def test_the_background_answers_on_average_as_all_rows_do() -> None:
    rng = np.random.default_rng(0)
    event = rng.beta(0.5, 2, 3000)
    answers = np.stack([1 - event, event], axis=1)
    for count in (20, 100):
        chosen = background_of(answers, count)
        assert len(set(chosen.tolist())) == count
        assert abs(event[chosen].mean() - event.mean()) < 0.3 * event.std() / count**0.5


def test_the_first_rows_are_spread_as_well() -> None:
    answers = np.linspace(0, 1, 1000)[:, None]
    first = np.sort(answers[background_of(answers, 100)[:10], 0])
    assert np.diff(first).max() < 0.25


def test_few_rows_are_all_taken_and_none_are_refused() -> None:
    assert sorted(background_of(np.zeros((3, 2)), 100).tolist()) == [0, 1, 2]
    with pytest.raises(InputError):
        background_of(np.zeros((0, 2)), 100)
