"""Laws of the client watch: who repeats a few requests is left in peace; wealth is bounded by what fair bets pay."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.detect.clients.evidence import Bets, Evidence
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.settings import Bounds
from secmlops.detect.clients.watch import ClientWatch
from secmlops.runtime.signature import Inputs

ROWS = np.random.default_rng(0).normal(size=(500, 5)).astype(np.float32)


def inputs(rows):
    return Inputs(np.asarray(rows, np.float32), np.empty((len(rows), 0), object))


HABITS = Habits.learn(
    inputs(ROWS[:200]), inputs(ROWS[200:]), ROWS[200:].sum(axis=1).astype(np.float64), np.random.default_rng(1)
)
FEW = st.lists(st.floats(-1000, 1000, width=32), min_size=5, max_size=5)


@given(st.lists(FEW, min_size=1, max_size=3), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_any_three_rows_repeated_in_any_order_raise_no_alarm(rows, seed):
    watch = ClientWatch(HABITS, Bounds())
    table = HABITS.encode(inputs(rows))
    for choice in np.random.default_rng(seed).integers(len(table), size=60):
        margin = float(table[choice].sum())
        assert watch.update(table[choice], int(margin > 0), margin, 0.0) == ()
    assert watch.different <= 3


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.01, 0.5))
@settings(max_examples=60, deadline=None)
def test_wealth_is_never_more_than_every_bet_won(p_values, bound):
    evidence = Evidence(Bets.against(((0.01, bound),)))
    most = 0.0
    for number, p_value in enumerate(p_values, 1):
        most = (most + 1 / (number * (number + 1))) / bound
        assert 0 <= evidence.add(p_value) <= most * (1 + 1e-9)


@given(st.floats(0.01, 0.5), st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_who_never_gives_cause_never_grows_rich(bound, number):
    evidence = Evidence(Bets.against(((0.01, bound),)))
    assert max(evidence.add(1.0) for _ in range(number)) < 1
