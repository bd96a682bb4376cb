"""Laws of the client watch: who repeats a few requests is left in peace; wealth is bounded by what fair bets pay."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.detect.clients.crowd import Crowd
from secmlops.detect.clients.evidence import Bets, Evidence
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.settings import Bounds
from secmlops.runtime.signature import Inputs

ROWS = np.random.default_rng(0).normal(size=(500, 5)).astype(np.float32)


def inputs(rows):
    return Inputs(np.asarray(rows, np.float32), np.empty((len(rows), 0), object))


HABITS = Habits.learn(
    inputs(ROWS[:200]), inputs(ROWS[200:]), ROWS[200:].sum(axis=1).astype(np.float64), np.random.default_rng(1)
)
FEW = st.lists(st.floats(-1000, 1000, width=32), min_size=5, max_size=5)


def told(crowd, stream, at_once):
    """Alarms of (name, row) pairs that come in batches, with the number of the request of its client, by client."""
    found = []
    for start in range(0, len(stream), at_once):
        names, rows = zip(*stream[start : start + at_once], strict=True)
        table = np.array(rows, np.float32)
        margins = table.sum(axis=1).astype(np.float64)
        labels = (margins > 0).astype(int).tolist()
        found += crowd.update(list(names), HABITS.encode(inputs(table)), labels, margins, 0.0)
    return sorted((name, alarm.requests, alarm.kind, alarm.strength) for name, alarm in found)


@given(st.lists(FEW, min_size=1, max_size=3), st.integers(0, 2**32), st.integers(1, 64))
@settings(max_examples=40, deadline=None)
def test_any_three_rows_repeated_in_any_order_raise_no_alarm(rows, seed, at_once):
    crowd = Crowd(HABITS, Bounds(), 8)
    stream = [("a", rows[choice]) for choice in np.random.default_rng(seed).integers(len(rows), size=60)]
    assert told(crowd, stream, at_once) == []
    assert crowd._clients.get("a").different <= 3


def mixed_stream(seed):
    generator = np.random.default_rng(seed)
    thief = [("thief", row) for row in generator.uniform(-4, 4, (40, 5))]
    line = [("line", share * ROWS[0] + (1 - share) * ROWS[1]) for share in generator.random(30)]
    return thief, line, [("honest", row) for row in ROWS[generator.permutation(500)[:40]]]


@given(st.integers(0, 2**32), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_what_others_ask_and_the_order_of_clients_change_nothing(seed, chance):
    """One request at a time: then a batch never divides differently what one client asks."""
    parts = mixed_stream(seed)
    turns = [number for number, part in enumerate(parts) for _ in part]
    chance.shuffle(turns)
    streams = [iter(part) for part in parts]
    together = told(Crowd(HABITS, Bounds(), 64), [next(streams[turn]) for turn in turns], 1)
    alone = sorted(each for part in parts for each in told(Crowd(HABITS, Bounds(), 64), part, 1))
    assert [each[:3] for each in together] == [each[:3] for each in alone]
    assert "honest" not in {each[0] for each in together}


@given(st.integers(0, 2**32), st.integers(2, 64))
@settings(max_examples=10, deadline=None)
def test_how_requests_are_divided_into_batches_changes_nothing(seed, at_once):
    thief, line, honest = mixed_stream(seed)
    stream = [one for three in zip(thief, line * 2, honest, strict=False) for one in three]
    whole, single = (told(Crowd(HABITS, Bounds(), 8), stream, size) for size in (at_once, 1))
    assert [each[:3] for each in whole] == [each[:3] for each in single]
    assert [each[3] for each in whole] == pytest.approx([each[3] for each in single])


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_in_one_batch_clients_do_not_change_one_another_either(seed):
    thief, _, honest = mixed_stream(seed)
    stream = [one for pair in zip(thief, honest, strict=True) for one in pair][:64]
    together = told(Crowd(HABITS, Bounds(), 64), stream, 64)
    alone = told(Crowd(HABITS, Bounds(), 64), [one for one in stream if one[0] == "thief"], 32)
    assert [each[:3] for each in together] == [each[:3] for each in alone]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.01, 0.5))
@settings(max_examples=60, deadline=None)
def test_wealth_is_never_more_than_every_bet_won(p_values, bound):
    evidence = Evidence(Bets.against(((0.01, bound),)))
    most = 0.0
    for number, p_value in enumerate(p_values, 1):
        most = (most + 1 / (number * (number + 1))) / bound
        assert 0 <= evidence.add(evidence.bets.cell(p_value)) <= most * (1 + 1e-9)


@given(st.floats(0.01, 0.5), st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_who_never_gives_cause_never_grows_rich(bound, number):
    evidence = Evidence(Bets.against(((0.01, bound),)))
    assert max(evidence.add(1) for _ in range(number)) < 1
