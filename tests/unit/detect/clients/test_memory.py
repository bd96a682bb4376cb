"""Requests of many clients compared with what each asked before."""

import numpy as np

from secmlops.detect.clients.memory import Memory

ROWS = np.random.default_rng(0).normal(size=(12, 5)).astype(np.float32)


def memory(clients=3):
    made = Memory(5, 4, 0.1)
    for client in range(clients):
        made.clear(client)
    return made


def test_the_nearest_place_is_one_of_the_clients_own():
    made = memory()
    made.keep([(0, 3, 0), (1, 4, 1)], ROWS)
    views = made.view(np.array([0, 1]), ROWS[[1, 1]])
    assert views.nearest.tolist() == [3, 4]
    assert views.squares[1, 4] == 0
    np.testing.assert_allclose(views.squares[0, 3], ((ROWS[0] - ROWS[1]) ** 2).sum(), rtol=1e-5)


def test_within_a_batch_the_earlier_requests_of_the_same_client_count():
    rows = ROWS[[0, 1, 0, 0]]
    views = memory().view(np.array([0, 0, 0, 1]), rows)
    assert views.earlier.tolist() == [-1, 0, 0, -1]
    assert views.apart[2] == 0
    assert np.isinf(views.apart[[0, 3]]).all()


def test_the_base_is_the_row_that_equals_in_most_columns_in_the_batch_or_before():
    varied = ROWS[0].copy()
    varied[2] += 1
    before = memory()
    before.keep([(0, 0, 0), (0, 1, 5)], ROWS)
    views = before.view(np.array([0]), varied[None])
    assert views.changed.tolist() == [[False, False, True, False, False]]
    np.testing.assert_array_equal(views.base[0], ROWS[0])
    within = memory().view(np.array([0, 0]), np.stack([ROWS[0], varied]))
    assert within.changed[1].tolist() == [False, False, True, False, False]
    np.testing.assert_array_equal(within.base[1], ROWS[0])


def test_lines_go_on_from_batch_to_batch():
    line = ROWS[0] + np.outer([0.0, 1.0, 2.5], ROWS[1])
    together = memory().view(np.array([0, 0, 0]), line.astype(np.float32))
    assert together.straight.tolist() == [False, False, True]
    made = memory()
    apart = [made.view(np.array([0]), row[None].astype(np.float32)).straight[0] for row in line]
    assert apart == [False, False, True]
    others = memory().view(np.array([0, 1, 2]), line.astype(np.float32))
    assert not others.straight.any()


def test_the_mean_follows_a_client_that_differs():
    made = memory()
    for _ in range(20):
        usual = made.view(np.array([0] * 10), np.full((10, 5), 2, np.float32)).usual
    assert (usual > 1.8).all()
    assert (made.view(np.array([1]), ROWS[:1]).usual == 0).all()


def test_there_is_room_for_more_clients_and_a_cleared_one_has_no_past():
    made = memory(40)
    made.keep([(39, 0, 0)], ROWS)
    assert made.view(np.array([39]), ROWS[:1]).squares.min() == 0
    made.clear(39)
    views = made.view(np.array([39]), ROWS[:1])
    assert views.squares.min() > 1e9
    assert not views.straight.any()
