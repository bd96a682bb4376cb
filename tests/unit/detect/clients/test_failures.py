"""Guessing and scanning."""

import pytest

from secmlops.core.errors import InputError
from secmlops.detect.clients.alarm import AlarmKind
from secmlops.detect.clients.failures import FailureWatch


def watch(**changes):
    return FailureWatch(AlarmKind.GUESSING, **{"limit": 10, "targets": 8, "half_life": 60, **changes})


def test_guessing_one_account_raises_one_alarm():
    guessed = watch()
    alarms = [alarm for i in range(40) for alarm in guessed.update(7, i * 0.1)]
    assert [alarm.kind for alarm in alarms] == [AlarmKind.GUESSING]
    assert alarms[0].requests == 11
    assert alarms[0].strength >= 10


def test_a_password_tried_at_many_accounts_raises_an_alarm_before_the_limit():
    sprayed = watch(limit=1000)
    assert any(sprayed.update(target, 0.0) for target in range(12))


def test_typing_errors_now_and_then_raise_none():
    honest = watch()
    assert not any(honest.update(7, i * 30.0) for i in range(500))


def test_after_calm_the_next_attack_is_told_again():
    guessed = watch()
    for start in (0.0, 10_000.0):
        assert sum(len(guessed.update(7, start + i * 0.1)) for i in range(30)) == 1


def test_counts_fade_by_half_in_a_half_life():
    fading = watch()
    for _ in range(4):
        fading.update(1, 100.0)
    assert fading.count(160.0) == pytest.approx(2)
    assert fading.different(100.0) == pytest.approx(1, abs=0.02)
    assert fading.different(221.0) == 0


def test_a_clock_that_goes_back_makes_nothing_fade():
    fading = watch()
    for moment in (100.0, 0.0, -1e9):
        fading.update(1, moment)
    assert fading.count(100.0) == pytest.approx(3)


def test_more_targets_than_slots_are_still_many():
    scanned = watch(limit=1e9, targets=100)
    for target in range(1000):
        scanned.update(target * 7919, 0.0)
    assert scanned.different(0.0) > 200


def test_different_targets_are_estimated():
    scanned = watch(limit=1e9, targets=200)
    for target in range(20):
        scanned.update(hash((target, "salt")), 0.0)
    assert 14 < scanned.different(0.0) < 27


@pytest.mark.parametrize("wrong", [{"limit": 0.5}, {"targets": 0}, {"targets": 267}, {"half_life": 0}])
def test_a_watch_that_could_never_alarm_is_refused(wrong):
    with pytest.raises(InputError):
        watch(**wrong)
