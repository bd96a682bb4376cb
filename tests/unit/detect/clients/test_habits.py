"""What honest requests look like, learned and stored."""

import numpy as np
import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.clients.habits import Habits
from secmlops.detect.encoding import Encoding
from secmlops.runtime.arrays import pack, unpack
from secmlops.runtime.signature import Inputs

ROWS = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)


def inputs(rows):
    return Inputs(rows, np.full((len(rows), 1), "a", object))


HABITS = Habits.learn(
    inputs(ROWS[:200]), inputs(ROWS[200:]), ROWS[200:, 0].astype(np.float64), np.random.default_rng(1)
)
LAYOUT = {
    "encoding": ("U8", 1),
    **dict.fromkeys(("distances", "closeness", "radius"), ("F64", 1)),
    **dict.fromkeys(("centre", "per_unit"), ("F32", 1)),
    **dict.fromkeys(("known", "turn", "tails"), ("F32", 2)),
}


def test_small_margins_and_large_distances_have_small_p_values():
    assert HABITS.closeness.p_value(-0.0) < 0.02 < HABITS.closeness.p_value(-2.0)
    assert HABITS.distances.p_value(100.0) < 0.02 < HABITS.distances.p_value(HABITS.radius)


def test_they_fit_a_model_with_as_many_features_of_each_kind():
    assert HABITS.fits(4, 1)
    assert not HABITS.fits(5, 0)


def test_without_margins_nothing_counts_as_undecided():
    none = Habits.learn(inputs(ROWS[:200]), inputs(ROWS[200:]), np.full(100, np.nan), np.random.default_rng(1))
    assert none.closeness.p_value(0.0) == 1


def test_stored_and_read():
    read = Habits.from_bytes(HABITS.to_bytes())
    assert read.to_bytes() == HABITS.to_bytes()
    assert read.radius == HABITS.radius


@pytest.mark.parametrize(("reference", "rows", "margins"), [(200, 100, 19), (200, 19, 100), (5, 100, 100)])
def test_what_cannot_be_learned_from_is_refused(reference, rows, margins):
    with pytest.raises(InputError, match="20 rows or more"):
        Habits.learn(inputs(ROWS[:reference]), inputs(ROWS[:rows]), np.zeros(margins), np.random.default_rng(1))


@pytest.mark.parametrize("change", [lambda a: a[::-1], lambda a: a[:0]])
def test_stored_scores_out_of_order_are_refused(change):
    arrays = unpack(HABITS.to_bytes(), "habits", LAYOUT)
    with pytest.raises(VerificationError, match="fit together"):
        Habits.from_bytes(pack("habits", {**arrays, "distances": change(arrays["distances"])}))


def test_parts_of_different_models_are_refused():
    arrays = unpack(HABITS.to_bytes(), "habits", LAYOUT)
    other = Encoding.fit(Inputs(ROWS, np.empty((300, 0), object))).to_bytes()
    with pytest.raises(VerificationError, match="fit together"):
        Habits.from_bytes(pack("habits", {**arrays, "encoding": np.frombuffer(other, np.uint8)}))


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("radius", lambda a: np.append(a, 1.0)),
        ("per_unit", lambda a: -a),
        ("turn", lambda a: a[:, :-1]),
        ("tails", lambda a: a[:, ::-1]),
        ("centre", lambda a: a[:-1]),
    ],
)
def test_a_stored_shape_that_is_none_is_refused(part, change):
    arrays = unpack(HABITS.to_bytes(), "habits", LAYOUT)
    with pytest.raises(VerificationError, match="fit together"):
        Habits.from_bytes(pack("habits", {**arrays, part: change(arrays[part])}))


def test_a_row_that_breaks_a_correlation_is_strange_though_every_value_is_common():
    base = np.random.default_rng(2).normal(size=(600, 1))
    rows = np.concatenate([base, base + 0.1 * np.random.default_rng(3).normal(size=(600, 1))], axis=1)
    tied = Inputs(rows.astype(np.float32), np.empty((600, 0), object))
    learned = Habits.learn(tied.take(slice(0, 300)), tied.take(slice(300, 600)), np.ones(300), np.random.default_rng(1))
    broken = Inputs(np.array([[1.0, -1.0], [1.0, 1.0]], np.float32), np.empty((2, 0), object))
    strange = learned.distances.p_values(learned.distance(learned.encode(broken)))
    assert strange[0] < 0.01 < 0.1 < strange[1]


def test_undecided_means_a_small_margin_and_none_is_never():
    p_values = HABITS.closeness.p_values(HABITS.indecision(np.array([0.0, 2.0, np.nan])))
    assert p_values[0] < 0.02 < p_values[1] < p_values[2] == 1
