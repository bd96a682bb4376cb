"""Thieves are found, customers are left in peace."""

import sys

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.detect.clients.alarm import AlarmKind
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.settings import Bounds
from secmlops.detect.clients.watch import ClientWatch
from secmlops.runtime.signature import Inputs

COLUMNS = 6
WEIGHTS = np.array([1, -1, 0.5, 2, 0, 1])
MIXING = np.random.default_rng(0).normal(size=(3, COLUMNS)) + 0.1


def natural(number, seed):
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(number, 3)) @ MIXING + 0.4 * generator.normal(size=(number, COLUMNS))
    return rows.astype(np.float32)


def margins(rows):
    return 1 / (1 + np.exp(-(rows @ WEIGHTS))) - 0.5


def inputs(rows):
    return Inputs(np.asarray(rows, np.float32), np.empty((len(rows), 0), object))


HABITS = Habits.learn(
    inputs(natural(800, 1)), inputs(natural(800, 3)), margins(natural(800, 3)), np.random.default_rng(2)
)
HONEST = natural(600, 4)
SPREAD = HONEST.std(axis=0)


def alarms(rows, **settings):
    watch = ClientWatch(HABITS, Bounds(**settings))
    answers = margins(np.asarray(rows, np.float32))
    return [
        alarm
        for i, row in enumerate(HABITS.encode(inputs(rows)))
        for alarm in watch.update(row, int(answers[i] > 0), float(answers[i]), float(i))
    ]


def jittered(rows, number, scale, seed=5):
    generator = np.random.default_rng(seed)
    picked = rows[generator.integers(len(rows), size=number)]
    return picked + scale * SPREAD * generator.normal(size=picked.shape)


def bisected(one, other, steps=9):
    low, high = 0.0, 1.0
    for _ in range(steps):
        middle = one + (low + high) / 2 * (other - one)
        yield middle
        same = (margins(middle) > 0) == (margins(one) > 0)
        low, high = ((low + high) / 2, high) if same else (low, (low + high) / 2)


def test_independent_customers_raise_no_alarm():
    assert alarms(HONEST) == []


@pytest.mark.parametrize("scale", [0, 0.001, 0.01, 0.05, 0.1])
@pytest.mark.parametrize("cases", [1, 4])
def test_a_customer_who_repeats_or_slightly_varies_requests_raises_no_alarm(cases, scale):
    for seed in range(3):
        assert alarms(jittered(HONEST[seed * cases : (seed + 1) * cases], 300, scale, seed)) == []


def test_even_of_the_strangest_and_least_decided_case():
    strangest = HONEST[np.argmax(HABITS.neighbours.score(HABITS.encode(inputs(HONEST))))][None]
    closest = HONEST[np.argmin(np.abs(margins(HONEST)))][None]
    for rows in (strangest, closest):
        assert alarms(jittered(rows, 500, 0.02)) == []


def test_a_customer_who_tries_out_one_feature_after_the_other_raises_no_alarm():
    generator = np.random.default_rng(6)
    rows = np.repeat(HONEST[:60], 6, axis=0)
    columns = generator.integers(COLUMNS, size=len(rows))
    rows[np.arange(len(rows)), columns] = HONEST[generator.integers(600, size=len(rows)), columns]
    assert alarms(rows) == []


def test_two_cases_asked_in_turn_are_no_line():
    assert alarms(np.tile(HONEST[:2], (200, 1))) == []


def test_random_rows_are_found_within_twenty():
    generator = np.random.default_rng(7)
    found = alarms(generator.uniform(HONEST.min(axis=0), HONEST.max(axis=0), (100, COLUMNS)))
    assert found[0].kind is AlarmKind.STRANGE
    assert found[0].requests <= 20
    assert found[0].moment == found[0].requests - 1
    assert found[0].strength >= 1e4


def test_after_an_alarm_evidence_starts_anew_and_tells_again():
    generator = np.random.default_rng(7)
    found = alarms(generator.uniform(HONEST.min(axis=0), HONEST.max(axis=0), (200, COLUMNS)))
    assert len([alarm for alarm in found if alarm.kind is AlarmKind.STRANGE]) >= 3


def test_an_honest_past_hides_an_attack_for_a_while_only():
    attack = np.random.default_rng(7).uniform(HONEST.min(axis=0), HONEST.max(axis=0), (60, COLUMNS))
    found = alarms(np.concatenate([HONEST, attack]))
    assert 600 < found[0].requests <= 630


def test_bisection_is_found_as_a_line():
    labels = margins(HONEST) > 0
    found = alarms(list(bisected(HONEST[~labels][0], HONEST[labels][0])))
    assert [alarm.kind for alarm in found] == [AlarmKind.LINES]


def test_undecided_rows_are_found():
    generator = np.random.default_rng(8)
    near = natural(60_000, 9)
    near = near[np.argsort(np.abs(margins(near)))[:150]]
    found = alarms(generator.permutation(near))
    assert found[0].kind is AlarmKind.BOUNDARY


def test_a_walk_along_the_boundary_is_found_by_its_flips():
    generator = np.random.default_rng(10)
    rows = natural(400, 11).astype(np.float64)
    on_boundary = rows - np.outer(rows @ WEIGHTS, WEIGHTS) / (WEIGHTS @ WEIGHTS)
    probes = [point + 0.05 * SPREAD * generator.normal(size=(25, COLUMNS)) for point in on_boundary[:12]]
    found = alarms(np.concatenate(probes), undecided=((0.02, 0.99),), straight=0.9)
    assert AlarmKind.FLIPS in {alarm.kind for alarm in found}


def test_the_volume_is_told_by_different_rows():
    told = [alarm for alarm in alarms(HONEST[:250], budget=100) if alarm.kind is AlarmKind.VOLUME]
    assert [alarm.strength for alarm in told] == [100, 200]
    assert alarms(np.repeat(HONEST[:20], 30, axis=0), budget=100) == []


def test_without_margins_the_rest_still_works():
    watch = ClientWatch(HABITS, Bounds())
    rows = HABITS.encode(inputs(np.random.default_rng(7).uniform(-30, 30, (40, COLUMNS))))
    found = [alarm for row in rows for alarm in watch.update(row, 0, float("nan"), 0.0)]
    assert {alarm.kind for alarm in found} == {AlarmKind.STRANGE}


def test_a_sorted_table_in_one_request_raises_no_alarm():
    ordered = HONEST[np.argsort(HONEST[:, 0])]
    watch = ClientWatch(HABITS, Bounds())
    answers = margins(ordered)
    labels = (answers > 0).astype(int).tolist()
    assert watch.update_batch(HABITS.encode(inputs(ordered)), labels, answers, 1.0, np.random.default_rng(0)) == ()
    assert watch.requests == 600
    with pytest.raises(InputError, match="fit together"):
        watch.update_batch(HABITS.encode(inputs(ordered)), labels[:5], answers, 1.0, np.random.default_rng(0))


def test_a_distance_that_is_known_already_is_believed():
    rows = HABITS.encode(inputs(np.random.default_rng(7).uniform(-30, 30, (40, COLUMNS))))
    known, own = (ClientWatch(HABITS, Bounds()) for _ in range(2))
    distances = HABITS.neighbours.score(rows)
    for row, distance in zip(rows, distances, strict=True):
        assert known.update(row, 0, 0.3, 0.0, float(distance)) == own.update(row, 0, 0.3, 0.0)


def test_a_row_with_nan_is_strange_and_spoils_nothing():
    honest_rows = HABITS.encode(inputs(HONEST))
    row = honest_rows[0].copy()
    row[2] = np.nan
    watch = ClientWatch(HABITS, Bounds())
    for _ in range(3):
        assert watch.update(row, 0, 0.3, 0.0) == ()
    for honest in honest_rows[:20]:
        watch.update(honest, 0, 0.3, 0.0)
    before = watch.different
    watch.update(honest_rows[3], 0, 0.3, 0.0)
    assert watch.different == before == 20
    assert any(watch.update(row, 0, 0.3, 0.0) for _ in range(40))


def test_the_state_does_not_grow():
    watch = ClientWatch(HABITS, Bounds())

    def size():
        places = watch._places
        return sum(sys.getsizeof(part) for part in (places._rows, places._visited, places._places, watch._evidence))

    answers, rows = margins(HONEST), HABITS.encode(inputs(HONEST))
    for i, row in enumerate(rows[:100]):
        watch.update(row, int(answers[i] > 0), float(answers[i]), 0.0)
    before = size()
    for i, row in enumerate(rows):
        watch.update(row, int(answers[i] > 0), float(answers[i]), 0.0)
    assert size() == before
