"""Which steps are straight, and which say nothing."""

import numpy as np
import pytest

from secmlops.detect.clients.lines import Step, straight

A = np.array([0, 0, 0, 0, 0], np.float32)
STEP = np.array([1, -1, 2, 1, 1.5], np.float32)
SIDE = np.array([1, 2, -1, 0.5, 1], np.float32)


def row(*terms):
    return np.sum(terms, axis=0).astype(np.float32)


def in_line(last, before, first):
    return straight(Step.between(before, last), Step.between(first, before))


@pytest.mark.parametrize("factor", [0.5, 2, -0.5, -3, 0.01])
def test_whatever_the_steps_on_a_line_are_straight(factor):
    assert in_line(row(A, STEP, factor * STEP), row(A, STEP), A)


def test_another_direction_is_a_turn():
    assert not in_line(row(STEP, SIDE), STEP, A)


def test_back_again_is_no_line():
    assert not in_line(A, STEP, A)
    assert not in_line(row(A, 0.01 * SIDE), STEP, A)


def test_a_column_or_two_are_no_line():
    one, two = np.eye(5, dtype=np.float32)[:2]
    assert not in_line(row(STEP, 2 * one), row(STEP, one), STEP)
    assert not in_line(row(STEP, 2 * one, 2 * two), row(STEP, one, two), STEP)
    assert not in_line(row(STEP, 2 * one, 0.01 * STEP), row(STEP, one), STEP)


def test_no_step_is_no_line():
    assert not in_line(STEP, STEP, A)
    assert not in_line(row(STEP, SIDE), STEP, STEP)


def test_independent_rows_hardly_ever_lie_on_a_line():
    rows = np.random.default_rng(0).normal(size=(3000, 3, 5)).astype(np.float32)
    assert sum(in_line(*three) for three in rows) <= 1
