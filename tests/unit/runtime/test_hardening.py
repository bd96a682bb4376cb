"""Hardened outputs: what each setting keeps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from secmlops.runtime.hardening import Hardening


def never(outputs: int) -> np.ndarray:
    raise AssertionError("no noise was asked for")


@st.composite
def probabilities(draw: st.DrawFn) -> np.ndarray:
    shape = draw(st.tuples(st.integers(1, 4), st.integers(2, 6)))
    steps = draw(arrays.arrays(np.int64, shape, elements=st.integers(0, 12)))  # few values, so that many are equal
    weights = steps + 1e-9 + draw(st.sampled_from([0.0, 1e-4])) * np.arange(shape[1])
    return weights / weights.sum(axis=1, keepdims=True)


QUIET = st.builds(
    Hardening,
    digits=st.none() | st.integers(0, 6),
    top=st.none() | st.integers(1, 6),
    label_only=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(scores=probabilities(), hardening=QUIET)
def test_only_noise_changes_the_label(scores: np.ndarray, hardening: Hardening) -> None:
    before = scores.copy()
    shown = hardening.apply(scores, never)
    assert np.array_equal(scores, before)
    assert np.array_equal(shown.argmax(axis=1), scores.argmax(axis=1))
    assert shown.shape == scores.shape
    assert ((shown >= 0) & (shown <= 1)).all()


@settings(max_examples=200, deadline=None)
@given(
    scores=probabilities(),
    top=st.none() | st.integers(1, 6),
    label_only=st.booleans(),
    noise=st.none() | st.floats(0.01, 1),
    seed=st.integers(0, 9),
)
def test_rows_still_sum_to_one_where_nothing_is_rounded(
    scores: np.ndarray, top: int | None, label_only: bool, noise: float | None, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    hardening = Hardening(top=top, label_only=label_only, noise=noise)
    shown = hardening.apply(scores, lambda outputs: rng.normal(size=(len(scores), outputs)))
    assert shown.sum(axis=1) == pytest.approx(1.0)
    assert (shown >= 0).all()


@settings(max_examples=200, deadline=None)
@given(scores=probabilities(), digits=st.integers(0, 6))
def test_rounded_scores_have_so_many_digits_and_are_near(scores: np.ndarray, digits: int) -> None:
    shown = Hardening(digits=digits).apply(scores, never)
    assert np.array_equal(np.round(shown, digits), shown)
    assert np.abs(shown - scores).max() <= 1.5 * 10.0**-digits + 1e-9


@pytest.mark.parametrize(
    ("digits", "scores", "shown"),
    [
        (1, [0.4501, 0.4502, 0.0997], [0.5, 0.6, 0.1]),
        (0, [0.3, 0.4, 0.3], [0, 1, 0]),
        (2, [0.49999, 0.50001], [0.5, 0.51]),
        (2, [0.25, 0.75], [0.25, 0.75]),
    ],
)
def test_rounding_never_puts_another_class_first(digits: int, scores: list[float], shown: list[float]) -> None:
    assert Hardening(digits=digits).apply(np.array([scores]), never).tolist() == [shown]


def test_the_highest_keep_their_score_and_the_others_share() -> None:
    shown = Hardening(top=2).apply(np.array([[0.1, 0.5, 0.06, 0.34]]), never)
    assert shown.tolist() == [pytest.approx([0.08, 0.5, 0.08, 0.34])]
    scores = np.array([[0.1, 0.5, 0.4]])
    for all_of_them in (3, 4):
        assert Hardening(top=all_of_them).apply(scores, never) is scores


def test_the_label_alone() -> None:
    shown = Hardening(label_only=True).apply(np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]]), never)
    assert shown.tolist() == [[0, 1, 0], [1, 0, 0]]


def test_a_quantity_is_only_rounded_and_made_noisy_in_proportion() -> None:
    scores = np.array([[1234.567], [-10.04]])
    assert Hardening(label_only=True, top=1, digits=1).apply(scores, never).tolist() == [[1234.6], [-10.0]]
    assert Hardening(digits=0).apply(scores, never).tolist() == [[1235.0], [-10.0]]
    noisy = Hardening(noise=0.1).apply(scores, lambda outputs: np.full((2, outputs), 2.0))
    assert noisy == pytest.approx(scores * 1.2)


def test_noise_is_on_the_log_odds() -> None:
    drawn = np.array([[1.0, -1.0]])
    noisy = Hardening(noise=0.5).apply(np.array([[0.5, 0.5]]), lambda _: drawn)
    assert np.log(noisy[0, 0] / noisy[0, 1]) == pytest.approx(1.0)
    certain = Hardening(noise=0.5).apply(np.array([[1.0, 0.0]]), lambda _: drawn)
    assert np.isfinite(certain).all()
