"""Rows on one line, and what only looks like it."""

import numpy as np
import pytest

from secmlops.detect.clients.lines import straight

GENERATOR = np.random.default_rng(0)
WAY = (GENERATOR.uniform(0.5, 1.5, (50, 6)) * GENERATOR.choice([-1, 1], (50, 6))).astype(np.float32)
NONE = np.full((50, 6), np.nan, np.float32)


@pytest.mark.parametrize("share", [3.0, 0.3, -0.5, -2.0, 0.001])
def test_steps_along_a_line_are_straight_whatever_their_length(share):
    assert straight(share * WAY, WAY).all()


def test_a_step_back_to_the_beginning_is_two_cases_asked_in_turn():
    assert not straight(-WAY, WAY).any()
    assert not straight(-0.95 * WAY, WAY).any()


def test_steps_in_independent_directions_are_not():
    other = GENERATOR.normal(size=(50, 6)).astype(np.float32)
    assert straight(other, WAY).sum() == 0


@pytest.mark.parametrize("columns", [1, 2])
def test_in_few_columns_only_halving_counts(columns):
    few = WAY * (np.arange(6) < columns)
    assert straight(0.5 * few, few).all()
    assert straight(-0.5 * few, few).all()
    for share in (1.0, 0.3, 0.8, 2.0):
        assert not straight(share * few, few).any()


def test_no_step_and_no_earlier_step_are_no_line():
    assert not straight(0 * WAY, WAY).any()
    assert not straight(WAY, 0 * WAY).any()
    assert not straight(WAY, NONE).any()
    assert not straight(NONE, NONE).any()


def test_without_columns_there_is_no_line():
    assert not straight(WAY[:, :0], WAY[:, :0]).any()
