"""What honest requests look like, learned and stored."""

import numpy as np
import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.clients.habits import Habits
from secmlops.detect.neighbours import Neighbours
from secmlops.runtime.arrays import pack, unpack

ROWS = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
NEAR = Neighbours.fit(ROWS[:200], np.random.default_rng(1))
HABITS = Habits.learn(NEAR, ROWS[200:], ROWS[200:, 0].astype(np.float64))
LAYOUT = {"neighbours": ("U8", 1), "distances": ("F64", 1), "closeness": ("F64", 1)}


def test_small_margins_and_large_distances_have_small_p_values():
    assert HABITS.closeness.p_value(-0.0) < 0.02 < HABITS.closeness.p_value(-2.0)
    assert HABITS.distances.p_value(100.0) < 0.02 < HABITS.distances.p_value(HABITS.radius)


def test_stored_and_read():
    read = Habits.from_bytes(HABITS.to_bytes())
    assert read.to_bytes() == HABITS.to_bytes()
    assert read.radius == HABITS.radius


@pytest.mark.parametrize(("rows", "margins"), [(100, 99), (19, 19)])
def test_what_cannot_be_learned_from_is_refused(rows, margins):
    with pytest.raises(InputError, match="20 rows or more"):
        Habits.learn(NEAR, ROWS[:rows], np.zeros(margins))


@pytest.mark.parametrize("change", [lambda a: a[::-1], lambda a: a[:0]])
def test_stored_scores_out_of_order_are_refused(change):
    arrays = unpack(HABITS.to_bytes(), "habits", LAYOUT)
    with pytest.raises(VerificationError, match="fit together"):
        Habits.from_bytes(pack("habits", {**arrays, "distances": change(arrays["distances"])}))
