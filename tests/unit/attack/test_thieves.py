"""Thieves ask what they are meant to ask."""

import numpy as np
import pytest

from secmlops.attack.imitation import Space
from secmlops.attack.thieves import SEEDS, THIEVES, joined, natural
from secmlops.runtime.signature import Inputs

GENERATOR = np.random.default_rng(0)
ROWS = Inputs(
    GENERATOR.normal(size=(200, 3)).astype(np.float32),
    np.array(["red", "green"], object)[GENERATOR.integers(2, size=(200, 2))],
)
SPACE = Space.of(ROWS)
PLAIN = Inputs(ROWS.numeric, np.empty((200, 0), object))
TEXTS = Inputs(np.empty((200, 0), np.float32), ROWS.categorical)


def scores(rows):
    yes = 1 / (1 + np.exp(-3 * rows.numeric.sum(axis=1)))
    return np.stack([1 - yes, yes], axis=1)


def asked(client, times, answer=scores):
    rows = next(client)
    parts = [rows]
    for _ in range(times):
        rows = client.send(answer(rows))
        parts.append(rows)
    return joined(parts)


@pytest.mark.parametrize("name", THIEVES)
@pytest.mark.parametrize("answer", [scores, lambda rows: scores(rows)[:, 1:]])
def test_thieves_ask_ever_new_rows_within_the_ranges(name, answer):
    rows = asked(THIEVES[name](SPACE, ROWS.take(slice(0, SEEDS)), np.random.default_rng(1)), 10, answer)
    assert len(rows) > 100
    assert len(np.unique(rows.numeric, axis=0)) > 0.9 * len(rows)
    assert (rows.numeric <= SPACE.high + 1e-5).all()
    assert (rows.numeric >= SPACE.low - 1e-5).all()


@pytest.mark.parametrize("space_rows", [PLAIN, TEXTS])
@pytest.mark.parametrize("name", THIEVES)
def test_thieves_manage_with_columns_of_one_kind(name, space_rows):
    client = THIEVES[name](Space.of(space_rows), space_rows.take(slice(0, SEEDS)), np.random.default_rng(1))
    assert len(asked(client, 3)) > 30


def test_active_learning_asks_nearer_the_boundary_than_chance():
    seeds = ROWS.take(slice(0, SEEDS))
    near = asked(THIEVES["active"](SPACE, seeds, np.random.default_rng(1)), 20)
    chance = SPACE.draw(200, np.random.default_rng(2))
    undecided = [np.abs(scores(rows)[:, 1] - 0.5).mean() for rows in (near, chance)]
    assert undecided[0] < 0.8 * undecided[1]


def test_natural_rows_are_asked_once_each_and_come_to_an_end():
    client = natural(ROWS, np.random.default_rng(1))
    rows = joined([next(client), *(client.send(scores(ROWS)) for _ in range(9))])
    assert len(rows) == len(np.unique(rows.numeric, axis=0)) == len(ROWS)
    with pytest.raises(StopIteration):
        client.send(scores(ROWS))
