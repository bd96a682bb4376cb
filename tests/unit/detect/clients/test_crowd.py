"""Thieves are found, customers are left in peace."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from secmlops.core.errors import InputError
from secmlops.detect.clients.alarm import AlarmKind
from secmlops.detect.clients.crowd import Crowd
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.settings import Bounds
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


def told(crowd, rows, name="a", at_once=64):
    """Alarms of a client that asks these rows, so many at once."""
    found = []
    for start in range(0, len(rows), at_once):
        part = np.asarray(rows[start : start + at_once], np.float32)
        answers = margins(part)
        names, labels = [name] * len(part), (answers > 0).astype(int).tolist()
        found += crowd.update(names, HABITS.encode(inputs(part)), labels, answers, float(start))
    return found


def alarms(rows, at_once=64, **settings):
    return [alarm for _, alarm in told(Crowd(HABITS, Bounds(**settings), 8), np.asarray(rows), at_once=at_once)]


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
    strangest = HONEST[np.argmax(HABITS.distance(HABITS.encode(inputs(HONEST))))][None]
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
    assert found[0].moment == 0
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
    spent = [alarm for alarm in alarms(HONEST[:250], budget=100) if alarm.kind is AlarmKind.VOLUME]
    assert [alarm.strength for alarm in spent] == [100, 200]
    assert alarms(np.repeat(HONEST[:20], 30, axis=0), budget=100) == []


SYNTHETIC = np.random.default_rng(7).uniform(-30, 30, (40, COLUMNS)).astype(np.float32)


def test_without_margins_the_rest_still_works():
    crowd, rows = Crowd(HABITS, Bounds(), 8), HABITS.encode(inputs(SYNTHETIC))
    found = crowd.update(["a"] * 40, rows, [0] * 40, np.full(40, np.nan), 0.0)
    assert {alarm.kind for _, alarm in found} == {AlarmKind.STRANGE}


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(InputError, match="fit together"):
        Crowd(HABITS, Bounds(), 8).update(["a"] * 5, HABITS.encode(inputs(HONEST[:5])), [0] * 4, np.ones(5), 0.0)


def test_nothing_asked_is_nothing_found():
    assert Crowd(HABITS, Bounds(), 8).update([], HABITS.encode(inputs(HONEST[:0])), [], np.empty(0), 0.0) == []


@pytest.mark.parametrize("at_once", [1, 7, 64, 600])
def test_in_batches_of_any_size_thieves_are_found_and_customers_are_not(at_once):
    assert alarms(HONEST, at_once) == []
    assert alarms(SYNTHETIC, at_once)[0].requests <= 20


@pytest.mark.parametrize("value", [np.inf, -np.inf, 3e38])
def test_values_beyond_all_bounds_are_strange_and_spoil_nothing(value):
    wild = HABITS.encode(inputs(np.full((4, COLUMNS), value)))
    honest = HABITS.encode(inputs(HONEST[:200]))
    rows = np.concatenate([wild, honest[:20], wild, honest[20:]])
    crowd = Crowd(HABITS, Bounds(), 8)
    assert crowd.update(["a"] * 208, rows, [0] * 208, np.full(208, 0.3), 0.0) == []
    assert crowd._clients.get("a").different == 201


def test_a_population_that_drifts_as_a_whole_raises_no_alarm():
    covariance = np.cov(HONEST.T)
    for seed in range(4):
        way = np.linalg.cholesky(covariance) @ np.random.default_rng(seed).normal(size=COLUMNS)
        way /= np.sqrt(way @ np.linalg.solve(covariance, way))
        assert alarms(HONEST + np.minimum(np.arange(600) / 500, 1)[:, None] * way) == []


def test_rounding_in_columns_that_never_change_is_nothing_strange():
    """Pixels that never change were off by 1e-14: scaled by their own rounding, that was beyond all known rows."""
    digits = np.random.default_rng(9).permutation(load_digits().data)
    known, honest, customer = digits[:700], digits[700:1150], digits[1150:1650]
    assert (np.ptp(known, axis=0) == 0).any()
    habits = Habits.learn(inputs(known), inputs(honest), np.full(450, np.nan), np.random.default_rng(2))
    for seed in range(3):
        way = 1e-14 * np.random.default_rng(seed).normal(size=known.shape[1])
        rows = habits.encode(inputs(customer + np.linspace(0, 1, 500)[:, None] * way))
        assert Crowd(habits, Bounds(), 4).update(["a"] * 500, rows, [0] * 500, np.full(500, np.nan), 0.0) == []


def test_extreme_values_in_one_column_after_the_other_are_found():
    case = np.repeat(HONEST[:1], 60, axis=0)
    columns = np.arange(60) % COLUMNS
    case[np.arange(60), columns] = np.where(np.arange(60) % 4 < 2, 8, -8) * SPREAD[columns] * (1 + np.arange(60) / 60)
    assert alarms(case)[0].kind is AlarmKind.STRANGE


def test_bisection_in_one_column_is_found():
    rows = []
    for case in HONEST[:6]:
        for step in range(8):
            row = case.copy()
            row[step // 8] += 6 * SPREAD[0] * (-0.5) ** step
            rows.append(row)
    assert alarms(rows)[0].kind is AlarmKind.LINES


def test_what_is_remembered_of_a_client_is_of_constant_size():
    crowd = Crowd(HABITS, Bounds(), 8)

    def size():
        memory, client = crowd._memory, crowd._clients.get("a")
        arrays = (memory._rows, memory._free, *memory._parts, memory._last, memory._step, memory._mean)
        return sum(each.nbytes for each in arrays), len(client.evidence), len(client.places._places)

    told(crowd, HONEST[:64])
    before = size()
    told(crowd, HONEST)
    told(crowd, SYNTHETIC)
    assert size() == before


def test_the_number_of_clients_is_bounded_and_so_is_the_memory():
    crowd = Crowd(HABITS, Bounds(), 16)
    for i in range(300):
        told(crowd, HONEST[i : i + 1], f"client {i}")
    assert len(crowd) <= 16
    assert len(crowd._memory._rows) <= 32


@pytest.mark.parametrize("cases", [33, 50, 80])
def test_more_cases_than_places_asked_again_and_again_flip_nothing(cases):
    """A place that is forgotten within a batch must not be taken for the one that follows it."""
    assert alarms(np.tile(HONEST[:cases], (20, 1)), glanced=0.02, searched=0.02) == []
