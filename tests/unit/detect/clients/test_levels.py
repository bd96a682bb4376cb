"""Cells without p-values are the cells of the p-values."""

import numpy as np
import pytest

from secmlops.detect.clients.evidence import Bets
from secmlops.detect.clients.levels import Levels
from secmlops.detect.conformal import Calibration

SHARES = ((0.01, 0.07), (0.05, 0.2), (0.2, 0.42))


@pytest.mark.parametrize("size", [20, 57, 99, 100, 199, 1000])
def test_cells_are_those_of_the_p_values_ties_included(size):
    generator = np.random.default_rng(size)
    calibration = Calibration.of(generator.normal(size=size).round(1))
    scores = np.concatenate([(2 * generator.normal(size=500)).round(1), [np.inf, -np.inf], calibration.scores])
    bets = Bets.against(SHARES)
    told = [bets.cell(p_value) for p_value in calibration.p_values(scores)]
    assert Levels.of(calibration, SHARES).cells(scores).tolist() == told


def test_a_level_that_no_score_could_reach_is_never_reached():
    levels = Levels.of(Calibration.of(np.arange(50.0)), SHARES)
    assert levels.cells(np.array([np.inf])).tolist() == [1]


def test_a_tolerance_is_for_the_larger_levels_mainly():
    calibration = Calibration.of(np.arange(1000.0))
    plain, tolerant = Levels.of(calibration, SHARES), Levels.of(calibration, SHARES, 100.0)
    assert (tolerant.beyond - plain.beyond).tolist() == pytest.approx([20, 5, 1])
