"""Thieves who try to hide from the watch on clients."""

import numpy as np

from secmlops.detect.clients.crowd import Crowd
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.settings import Bounds
from secmlops.runtime.signature import Inputs

GENERATOR = np.random.default_rng(0)
MIXING = GENERATOR.normal(size=(3, 6))


def natural(number, seed):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(number, 3)) @ MIXING + 0.3 * generator.normal(size=(number, 6))


def inputs(rows):
    return Inputs(np.asarray(rows, np.float32), np.empty((len(rows), 0), object))


def margins(rows):
    return np.abs(np.asarray(rows).sum(axis=1))


HABITS = Habits.learn(inputs(natural(600, 1)), inputs(natural(600, 2)), margins(natural(600, 2)), GENERATOR)
HONEST = natural(400, 3)
SYNTHETIC = np.random.default_rng(4).uniform(HONEST.min(axis=0), HONEST.max(axis=0), (200, 6))


def suspected(stream, size=64):
    """Names that raise an alarm, of (name, row) pairs."""
    crowd, found = Crowd(HABITS, Bounds(), size), set()
    for start in range(0, len(stream), 32):
        names, rows = zip(*stream[start : start + 32], strict=True)
        table = np.array(rows)
        labels = (table.sum(axis=1) > 0).astype(int).tolist()
        found |= {name for name, _ in crowd.update(names, HABITS.encode(inputs(table)), labels, margins(table), 0.0)}
    return found


def test_honest_rows_between_made_up_ones_hide_no_thief():
    stream = [("thief", row) for pair in zip(SYNTHETIC, HONEST[:200], strict=True) for row in pair]
    assert suspected(stream) == {"thief"}


def test_each_row_asked_twice_hides_no_thief():
    assert suspected([("thief", row) for row in np.repeat(SYNTHETIC[:60], 2, axis=0)]) == {"thief"}


def test_one_known_case_asked_between_made_up_rows_hides_no_thief():
    stream = [("thief", row) for made in SYNTHETIC[:80] for row in (made, HONEST[0], HONEST[0])]
    assert suspected(stream) == {"thief"}


def test_a_long_honest_past_buys_no_theft():
    assert suspected([("thief", row) for row in (*HONEST, *SYNTHETIC)]) == {"thief"}


def test_a_flood_of_names_makes_the_watch_forget_no_regular():
    flood = iter(range(10**6))
    stream = [("thief", row) for row in HONEST[:10]]
    for made in SYNTHETIC[:60]:
        stream.append(("thief", made))
        stream += [(f"flood {next(flood)}", HONEST[0]) for _ in range(20)]
    assert suspected(stream, size=16) == {"thief"}


def test_requests_under_anothers_rows_blame_nobody_else():
    stream = [one for made, row in zip(SYNTHETIC, HONEST, strict=False) for one in (("thief", made), ("honest", row))]
    assert suspected(stream) == {"thief"}
