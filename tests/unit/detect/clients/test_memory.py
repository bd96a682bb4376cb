"""Requests of many clients compared with what each asked before."""

import numpy as np
import pytest

from secmlops.detect.clients.memory import AT_ONCE, Memory
from secmlops.detect.clients.places import PLACES
from secmlops.detect.clients.shape import Shape

GENERATOR = np.random.default_rng(0)
ROWS = GENERATOR.normal(size=(12, 7)).astype(np.float32)
SHAPE = Shape.of(GENERATOR.normal(size=(300, 7)) @ GENERATOR.normal(size=(7, 7)))


def memory(clients=3):
    made = Memory(7, 6)
    for client in range(clients):
        made.clear(client)
    return made


def viewed(made, clients, rows):
    return made.view(np.array(clients), np.asarray(rows, np.float32), SHAPE)


def squared(one, other, turn=None):
    way = (one - other) @ (np.eye(7) if turn is None else turn)
    return float(way @ way)


@pytest.mark.parametrize("clients", [[0, 1], [0, 0]])
def test_distances_are_those_from_the_clients_own_places(clients):
    made = memory()
    made.keep([0, 1], [3, 4], ROWS[:2])
    views = viewed(made, clients, ROWS[[2, 2]])
    for at, client in enumerate(clients):
        own, slot = ROWS[client], (3, 4)[client]
        assert views.squares[at, slot] == pytest.approx(squared(own, ROWS[2]), rel=1e-4)
        assert views.apart[at, slot] == pytest.approx(squared(own, ROWS[2], SHAPE.turn), rel=1e-4)
        assert np.delete(views.squares[at, :PLACES], slot).min() > 1e9


def test_a_row_is_never_apart_from_itself():
    rows = (100 * ROWS / np.abs(ROWS).max()).repeat(2, axis=0)
    views = viewed(memory(), [0] * 24, rows)
    assert all(views.squares[2 * i + 1, PLACES + 2 * i] <= 0 for i in range(12))


def test_within_a_batch_the_earlier_requests_of_the_same_client_count():
    views = viewed(memory(), [0, 0, 0, 1], ROWS[[0, 1, 0, 0]])
    within = views.squares[:, PLACES:]
    assert (within < 1e9).tolist() == [[False] * 4, [True] + [False] * 3, [True, True, False, False], [False] * 4]
    assert within[2, 0] <= 0


def test_a_row_that_differs_in_one_or_two_columns_is_like_one_before():
    varied = ROWS[0].copy()
    varied[[2, 4]] += 1
    before = memory()
    before.keep([0, 0], [0, 1], ROWS[[0, 5]])
    views = viewed(before, [0, 0], [varied, ROWS[3]])
    assert views.alike.tolist() == [True, False]
    np.testing.assert_array_equal(views.before(0, np.array([1, PLACES + 1, 0])), ROWS[[5, 3, 0]])
    assert viewed(memory(), [0, 0], [ROWS[0], varied]).alike.tolist() == [False, True]
    assert viewed(memory(), [0, 1], [ROWS[0], varied]).alike.tolist() == [False, False]


def test_minus_zero_is_zero():
    rows = np.ones((2, 7))
    rows[:, 2] = 0.0, -0.0
    assert viewed(memory(), [0, 0], rows).alike.tolist() == [False, True]


def test_lines_go_on_from_batch_to_batch():
    line = ROWS[0] + np.outer([0.0, 1.0, 2.5], ROWS[1])
    assert viewed(memory(), [0, 0, 0], line).straight.tolist() == [False, False, True]
    made = memory()
    assert [viewed(made, [0], row[None]).straight[0] for row in line] == [False, False, True]
    assert not viewed(memory(), [0, 1, 2], line).straight.any()


def test_the_mean_of_a_client_is_the_same_however_its_requests_are_divided():
    clients = np.array([0] * 5 + [1] * 4)
    rows = ROWS[:9]
    whole, parts = memory(), memory()
    told = whole.usual(clients, rows, np.arange(9))
    whole.note(clients, rows)
    for at in range(9):
        one = slice(at, at + 1)
        np.testing.assert_allclose(parts.usual(clients[one], rows[one], np.array([0]))[0], told[at], atol=1e-6)
        parts.note(clients[one], rows[one])
    for client in range(3):
        after = [each.usual(np.array([client]), ROWS[:1], np.array([0]))[0] for each in (whole, parts)]
        np.testing.assert_allclose(after[0], after[1], atol=1e-6)
        assert after[0].any() == (client < 2)


def test_the_mean_follows_a_client_that_differs():
    made, twos = memory(), np.full((AT_ONCE, 7), 2, np.float32)
    for _ in range(4):
        made.note(np.zeros(AT_ONCE, int), twos)
    assert (made.usual(np.array([0]), twos[:1], np.array([0])) > 1.9).all()


def test_there_is_room_for_more_clients_and_a_cleared_one_has_no_past():
    made = memory(40)
    made.keep([39], [0], ROWS[:1])
    assert viewed(made, [39], ROWS[:1]).squares.min() <= 0
    made.clear(39)
    views = viewed(made, [39], ROWS[:1])
    assert views.squares.min() > 1e9
    assert not views.straight.any()
