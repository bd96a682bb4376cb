"""Sums that must hold, with bounds and whole numbers."""

import dataclasses

import numpy as np

from secmlops.attack.evasion.hunt import Effort
from secmlops.attack.evasion.moves import Moves
from secmlops.attack.evasion.sums import sums_hold
from secmlops.attack.evasion.trial import ATTACKS, Setting, attack_all


def test_the_distance_within_a_sum_is_that_to_the_plane_inside_it(plane_world):
    """Under 1.x = const the shortest way goes along the part of the weights that is at right angles to 1."""
    sums = np.ones((1, 8))
    weights = plane_world.plane.weights
    inner = weights - weights.mean()
    exact = np.abs(plane_world.plane.odds(plane_world.rows)) / np.linalg.norm(inner)
    for name in ("hop_skip_jump", "apgd"):
        setting = Setting(plane_world.targets, plane_world.plane.predict, plane_world.allowed(sums=sums), Effort(800))
        trial = attack_all(setting, plane_world.knowledge, [ATTACKS[name]], seed=0)
        moved = trial.changed.numeric.astype(np.float64) - plane_world.rows.numeric
        np.testing.assert_allclose(moved.sum(axis=1), 0, atol=1e-4)
        assert (trial.cost >= exact * (1 - 1e-5)).all()
        assert np.median(trial.cost / exact) < 1.05, name


def test_whole_numbers_keep_their_total(plane_world):
    allowed = plane_world.allowed(sums=np.ones((1, 8)), integer=np.ones(8, bool))
    hunt = plane_world.hunt(sums=allowed.sums, integer=allowed.integer)
    drawn = np.random.default_rng(0).normal(size=(20, 8)) * 4
    settled = hunt.settled(np.arange(20), Moves(drawn, hunt.best.codes)).shift
    np.testing.assert_allclose(settled, np.round(settled), atol=1e-9)
    assert sums_hold(allowed, settled).all()
    assert np.abs(settled).sum() > 20


def test_what_cannot_hold_is_not_asked_about(plane_world):
    """One column alone in a sum cannot move, and the others are out of it."""
    sums = np.zeros((1, 8))
    sums[0, 0] = 1
    hunt = plane_world.hunt(sums=sums, integer=np.arange(8) == 0)
    moves = Moves(np.full((20, 8), 0.7), hunt.best.codes)
    settled, margins = hunt.ask(np.arange(20), moves)
    assert (settled.shift[:, 0] == 0).all()
    assert np.isfinite(margins).all()
    narrow = dataclasses.replace(hunt.allowed, sums=np.ones((1, 8)))
    assert not sums_hold(narrow, np.full((3, 8), 0.1)).any()
