"""Limits: by simulated time nobody gets more than was set, and whoever waits as long as told gets in."""

import itertools
from datetime import UTC, datetime, timedelta
from timeit import repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.access.limits import Limits
from secmlops.serving import limits
from secmlops.serving.limits import Limiter, LimitSettings, Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Days:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def limiter(share: float = 1.0, clock: Days | None = None, **given: float) -> Limiter:
    return Limiter(LimitSettings(**given), clock or Days(), share)


STEPS = st.lists(st.tuples(st.floats(0, 3), st.integers(1, 12)), min_size=1, max_size=60)


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, rate=st.floats(0.5, 20), burst=st.integers(1, 30), share=st.sampled_from([1.0, 0.5, 0.1]))
def test_over_any_window_nobody_gets_more_than_the_rate_and_one_burst(
    steps: list[tuple[float, int]], rate: float, burst: int, share: float
) -> None:
    made, now, taken = limiter(share, rate=rate, burst=burst), 100.0, list[tuple[float, int]]()
    for pause, rows in steps:
        now += pause
        if made.admit("ada", None, rows, now) is None:
            taken.append((now, rows))
    for first, last in itertools.combinations_with_replacement(range(len(taken)), 2):
        window = taken[last][0] - taken[first][0]
        before_the_last = sum(rows for _, rows in taken[first:last])
        assert (
            before_the_last <= rate * share * window + burst * share + max(0.0, taken[first][1] - burst * share) + 1e-6
        )


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, rate=st.floats(0.5, 20), burst=st.integers(1, 30), begun=st.sampled_from([0, 1]))
def test_who_waits_as_long_as_told_gets_in(steps: list[tuple[float, int]], rate: float, burst: int, begun: int) -> None:
    made, now = limiter(rate=rate, burst=burst), 0.0

    def asked(rows: int) -> Refusal | None:
        first = made.admit("ada", None, 1, now) if begun else None
        return first or made.admit("ada", None, rows, now, begun)

    for pause, rows in steps:
        now += pause
        for attempt in range(3):  # the door may have to wait first, and the rest of the rows then
            refusal = asked(rows)
            if refusal is None:
                break
            assert attempt < 2
            assert refusal.retry_after_s > 0
            now += refusal.retry_after_s + 1e-6


def test_a_request_larger_than_the_bucket_passes_when_it_is_full_and_leaves_a_debt() -> None:
    made = limiter(rate=10, burst=20)
    assert made.admit("ada", None, 100, 0.0) is None
    refusal = made.admit("ada", None, 1, 0.0)
    assert refusal == Refusal("too many rows", pytest.approx(8.1))
    assert made.admit("ada", None, 1, 8.0) is not None
    assert made.admit("ada", None, 1, 8.2) is None


def test_rows_that_were_let_in_at_the_door_do_not_keep_the_rest_of_a_large_request_out() -> None:
    made = limiter(rate=0.01, burst=20)
    assert made.admit("ada", None, 1, 0.0) is None
    assert made.admit("ada", None, 99, 0.0, begun=1) is None
    assert made.admit("bob", None, 1, 0.0) is None
    assert made.admit("bob", None, 1, 0.0) is None
    assert made.admit("bob", None, 99, 0.0, begun=1) is not None


def test_a_share_that_is_less_than_a_row_still_lets_rows_in_at_its_rate() -> None:
    made = limiter(share=1 / 64, rate=64, burst=1)
    assert sum(made.admit("ada", None, 1, now / 10) is None for now in range(1000)) == pytest.approx(100, abs=2)


def test_own_limits_take_the_place_of_the_servers() -> None:
    made = limiter(rate=1, burst=1)
    own = Limits(rate=100.0, burst=50)
    assert made.admit("ada", own, 50, 0.0) is None
    assert made.admit("ada", own, 10, 0.1) is None
    assert made.admit("bob", Limits(per_day=1000), 1, 0.0) is None
    assert made.admit("bob", Limits(per_day=1000), 1, 0.0) == Refusal("too many rows", 1.0)


def test_identities_and_addresses_are_counted_apart() -> None:
    made = limiter(rate=1, burst=1, address_rate=1, address_burst=1)
    assert made.admit("ada", None, 1, 0.0) is None
    assert made.admit("bob", None, 1, 0.0) is None
    assert made.knock("ada", 0.0) is None
    assert made.knock("bob", 0.0) is None
    assert made.knock("bob", 0.5) == Refusal("too many requests from this address", 0.5)
    assert made.knock("bob", 1.0) is None


def test_a_quota_is_for_a_day_and_the_next_day_has_its_own() -> None:
    clock = Days()
    made = limiter(clock=clock, per_day=10)
    assert made.admit("ada", None, 10, 0.0) is None
    assert made.admit("ada", None, 1, 1.0) == Refusal("the quota of the day is used up", 12 * 3600.0)
    assert made.admit("bob", None, 10, 1.0) is None
    clock.now = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    assert made.admit("ada", None, 1, 2.0) == Refusal("the quota of the day is used up", 1.0)
    clock.now += timedelta(seconds=1)
    assert made.admit("ada", None, 10, 3.0) is None


def test_a_clock_that_jumps_back_gives_no_second_quota() -> None:
    clock = Days()
    made = limiter(clock=clock, per_day=10)
    assert made.admit("ada", None, 10, 0.0) is None
    clock.now -= timedelta(days=3)
    refusal = made.admit("ada", None, 1, 1.0)
    assert refusal is not None
    assert refusal.retry_after_s == 3.5 * 86_400
    clock.now = NOON
    assert made.admit("ada", None, 1, 2.0) is not None


def test_what_the_rate_refuses_uses_up_no_quota() -> None:
    made = limiter(rate=1, burst=5, per_day=6)
    assert made.admit("ada", None, 5, 0.0) is None
    for _ in range(10):
        assert made.admit("ada", None, 1, 0.0) == Refusal("too many rows", 1.0)
    assert made.admit("ada", None, 1, 1.0) is None
    assert made.admit("ada", None, 1, 9.0) == Refusal("the quota of the day is used up", 12 * 3600.0)


def test_the_share_of_a_process_is_its_part_of_every_limit() -> None:
    made = limiter(share=0.5, rate=10, burst=10, per_day=8, address_rate=2, address_burst=2)
    assert made.admit("ada", None, 5, 0.0) == Refusal("the quota of the day is used up", 12 * 3600.0)
    assert made.admit("ada", None, 4, 0.0) is None
    assert made.knock("here", 0.0) is None
    assert made.knock("here", 0.0) == Refusal("too many requests from this address", 1.0)


def test_requests_at_once() -> None:
    made = limiter(concurrent=2)
    assert made.enter("ada") is None
    assert made.enter("ada") is None
    assert made.enter("ada") == Refusal("too many requests at once", 1.0)
    assert made.enter("bob") is None
    made.leave("ada")
    assert made.enter("ada") is None
    for who in ("ada", "ada", "bob"):
        made.leave(who)
    assert made._under_way == {}


@pytest.mark.parametrize("who", ["ada", "address:192.0.2.1"])
def test_tightened_limits_are_divided_until_their_end(who: str) -> None:
    made = limiter(rate=10, burst=10, address_rate=10, address_burst=10)

    def let_in(now: float) -> int:
        if who == "ada":
            return sum(made.admit("ada", None, 1, now) is None for _ in range(50))
        return sum(made.knock("192.0.2.1", now) is None for _ in range(50))

    made.tighten(who, 10.0, 0.0, 100.0)
    made.tighten("another", 10.0, 0.0, 1e9)
    assert let_in(0.0) == 1
    assert let_in(2.0) == 1
    assert let_in(100.0) == 10
    assert let_in(101.0) == 10


def test_memory_is_bounded_under_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MOST_KEPT", 100)
    made = limiter(rate=1, burst=2, per_day=5, address_rate=1, address_burst=1)
    for place in range(2_000):
        now = place / 1000
        made.knock("regular", now)
        made.knock(f"address {place}", now)
        made.admit(f"identity {place}", None, 1, now)
        assert max(len(made._addresses), len(made._identities), len(made._days)) <= 100
    assert made.knock("regular", 1.9995) is not None  # who goes on asking is not forgotten


def test_a_flood_of_identities_does_not_wash_away_a_quota_that_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MOST_KEPT", 100)
    clock = Days()
    made = limiter(clock=clock, per_day=5)
    assert made.admit("ada", None, 5, 0.0) is None
    for place in range(1_000):
        assert made.admit(f"identity {place}", None, 1, 1.0) is None
    assert made.admit("ada", None, 1, 2.0) is not None
    clock.now += timedelta(days=1)
    for place in range(200):
        assert made.admit(f"identity {place}", None, 2, 3.0) is None
    assert all(one.day == max(d.day for d in made._days.values()) for one in made._days.values())


def test_a_refused_request_costs_little() -> None:
    made = limiter(rate=1, burst=1, address_rate=1, address_burst=1)
    made.knock("here", 0.0)
    made.admit("ada", None, 1, 0.0)
    for ask in (lambda: made.knock("here", 0.0), lambda: made.admit("ada", None, 1, 0.0)):
        assert ask() is not None
        assert min(repeat(ask, number=1000, repeat=5)) / 1000 < 20e-6  # some 1.5 us on a machine of its own
