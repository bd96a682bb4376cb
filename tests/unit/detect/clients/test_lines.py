"""Which steps are straight, and which say nothing."""

import numpy as np
import pytest

from secmlops.detect.clients.lines import Course, course

A = np.array([0, 0, 0, 0, 0], np.float32)
STEP = np.array([1, -1, 2, 1, 1.5], np.float32)
SIDE = np.array([1, 2, -1, 0.5, 1], np.float32)


def row(*terms):
    return np.sum(terms, axis=0).astype(np.float32)


@pytest.mark.parametrize("factor", [0.5, 2, -0.5, -3, 0.01])
def test_whatever_the_steps_on_a_line_are_straight(factor):
    assert course(row(A, STEP, factor * STEP), row(A, STEP), A) is Course.STRAIGHT


def test_another_direction_is_a_turn():
    assert course(row(STEP, SIDE), STEP, A) is Course.TURNED


def test_back_again_says_nothing():
    assert course(A, STEP, A) is Course.UNCLEAR
    assert course(row(A, 0.01 * SIDE), STEP, A) is Course.UNCLEAR


def test_a_column_or_two_say_nothing():
    one, two = np.eye(5, dtype=np.float32)[:2]
    assert course(row(STEP, 2 * one), row(STEP, one), STEP) is Course.UNCLEAR
    assert course(row(STEP, 2 * one, 2 * two), row(STEP, one, two), STEP) is Course.UNCLEAR
    assert course(row(STEP, 2 * one, 0.01 * STEP), row(STEP, one), STEP) is Course.UNCLEAR


def test_no_step_says_nothing():
    assert course(STEP, STEP, A) is Course.UNCLEAR
    assert course(row(STEP, SIDE), STEP, STEP) is Course.UNCLEAR


def test_independent_rows_hardly_ever_lie_on_a_line():
    rows = np.random.default_rng(0).normal(size=(3000, 3, 5)).astype(np.float32)
    assert sum(course(*three) is Course.STRAIGHT for three in rows) <= 1
