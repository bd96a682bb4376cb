import numpy as np
import pytest

from secmlops.data.poisoning.lift import deviance, pair_lift, triple_lift

ROWS = 2_000
CODES = np.random.default_rng(0).integers(0, 6, (ROWS, 3))


def lift(codes: np.ndarray, value: int) -> tuple[float, float]:
    """Lift of the first two columns, and of all three, at one value."""
    held = codes == value
    singles = [held[:, [place]].sum(axis=0) for place in range(3)]
    pairs = [np.array([(held[:, a] & held[:, b]).sum()]) for a, b in ((1, 2), (0, 2), (0, 1))]
    every = np.array([held.all(axis=1).sum()])
    pair = pair_lift(pairs[2], (singles[0], singles[1]), ROWS)
    return float(pair[0]), float(triple_lift(every, tuple(singles), tuple(pairs), ROWS)[0])


def test_columns_that_know_nothing_of_each_other_lift_nothing() -> None:
    assert max(max(lift(CODES, value)) for value in range(6)) < 8


def test_a_planted_combination_is_lifted() -> None:
    codes = CODES.copy()
    codes[:60] = 5
    assert min(lift(codes, 5)) > 20


def test_two_pairs_that_share_a_value_explain_a_triple() -> None:
    codes = CODES.copy()
    codes[:, 1] = np.where(codes[:, 0] == 5, 5, codes[:, 1] % 5)
    pair, triple = lift(codes, 5)
    assert pair > 100
    assert triple < 8


def test_more_rows_than_expected_have_the_deviance_of_poisson() -> None:
    nats = deviance(np.array([10, 10, 3]), np.array([10.0, 5.0, 9.0]))
    assert nats.tolist() == pytest.approx([0, 10 * np.log(2) - 5, 0])


def test_what_is_never_expected_is_not_infinitely_surprising() -> None:
    assert np.isfinite(deviance(np.array([7]), np.array([0.0]))).all()
