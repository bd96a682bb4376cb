from datetime import timedelta

import pytest

from secmlops.core.errors import InputError
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import CONTROLS, KeyRing, RingKey, Role

HOUR = timedelta(hours=1)
KEYS = {role: PrivateKey.generate(Algorithm.ED25519).public for role in Role}
NEXT = PrivateKey.generate(Algorithm.ED25519).public


@pytest.fixture
def ring(now):
    return KeyRing(tuple(RingKey(KEYS[role], role, now) for role in Role))


@pytest.mark.parametrize(
    ("role", "control"),
    [
        (Role.ENGINEER, "design.threats"),
        (Role.ENGINEER, "data.pii"),
        (Role.ENGINEER, "training.private.sgd"),
        (Role.VALIDATOR, "assurance.evasion"),
        (Role.RELEASER, "release.sign"),
        (Role.RELEASER, "gate.release"),
        (Role.GATEWAY, "serving.limits"),
    ],
)
def test_a_role_speaks_for_its_controls_and_no_other_role_does(ring, now, role, control):
    for other in Role:
        expected = (
            frozenset({"engineer", "validator", "releaser", "gateway"} & {role}) if other is role else frozenset()
        )
        assert ring.roles_for(KEYS[other].key_id, control, now) == expected


def test_log_and_model_keys_attest_nothing():
    assert CONTROLS[Role.LOG] == CONTROLS[Role.MODEL] == frozenset()
    assert set(CONTROLS) == set(Role)


@pytest.mark.parametrize("control", ["", "data", "dataset.pii", "data.", "Data.pii", ".pii", "*.pii", "data_x.pii"])
def test_a_control_that_only_looks_like_one_of_the_stage_is_nobodys(ring, now, control):
    assert not ring.roles_for(KEYS[Role.ENGINEER].key_id, control, now)


def test_an_unknown_key_has_no_role(ring, now):
    assert not ring.roles_for(NEXT.key_id, "data.pii", now)


def test_a_key_counts_from_its_beginning_up_to_its_end(ring, now):
    rotated = ring.closing(Role.ENGINEER, now + HOUR).with_key(NEXT, Role.ENGINEER, now + HOUR)
    old, new = KEYS[Role.ENGINEER].key_id, NEXT.key_id
    tick = timedelta(microseconds=1)
    assert not rotated.roles_for(old, "data.pii", now - tick)
    assert rotated.roles_for(old, "data.pii", now)
    assert rotated.roles_for(old, "data.pii", now + HOUR - tick)
    assert not rotated.roles_for(old, "data.pii", now + HOUR)
    assert not rotated.roles_for(new, "data.pii", now + HOUR - tick)
    assert rotated.roles_for(new, "data.pii", now + HOUR)
    assert rotated.current(Role.ENGINEER) == NEXT
    assert ring.current(Role.ENGINEER) == KEYS[Role.ENGINEER]
    assert rotated.keys(Role.ENGINEER) == (KEYS[Role.ENGINEER], NEXT)


def test_a_revoked_key_counts_for_nothing(ring, now):
    revoked = ring.revoking(KEYS[Role.ENGINEER].key_id)
    assert not revoked.roles_for(KEYS[Role.ENGINEER].key_id, "data.pii", now)
    assert revoked.keys(Role.ENGINEER) == ()
    assert set(revoked.keys()) == set(KEYS.values()) - {KEYS[Role.ENGINEER]}
    entry = revoked.find(KEYS[Role.ENGINEER].key_id)
    assert entry is not None
    assert entry.revoked
    with pytest.raises(InputError, match="no key for the role engineer"):
        revoked.current(Role.ENGINEER)


def test_what_a_key_spoke_for_until_it_was_revoked_is_known(ring, now):
    engineer = KEYS[Role.ENGINEER].key_id
    assert not ring.revoked_for(engineer, "data.pii")
    revoked = ring.revoking(engineer)
    assert revoked.revoked_for(engineer, "data.pii")
    assert not revoked.revoked_for(engineer, "assurance.evasion")
    assert not revoked.revoked_for(engineer, "data")
    assert not revoked.revoked_for(KEYS[Role.VALIDATOR].key_id, "assurance.evasion")
    assert not revoked.revoked_for("0" * 64, "data.pii")
    assert revoked.revoking_none() == ring


def test_a_grant_adds_controls_to_one_role(ring, now):
    granted = ring.with_grant(Role.GATEWAY, ["monitoring.*"]).with_grant(Role.GATEWAY, ["response.drill"])
    gateway, validator = KEYS[Role.GATEWAY].key_id, KEYS[Role.VALIDATOR].key_id
    assert granted.roles_for(gateway, "monitoring.drift", now) == {"gateway"}
    assert granted.roles_for(gateway, "response.drill", now) == {"gateway"}
    assert not granted.roles_for(gateway, "response.other", now)
    assert not granted.roles_for(validator, "monitoring.drift", now)
    assert not ring.roles_for(gateway, "monitoring.drift", now)


@pytest.mark.parametrize("pattern", ["*", "*.*", "data", "data.*.x", "da*.pii", "", "data.", "Data.*", "data.*\n"])
def test_a_pattern_that_names_no_control_is_refused(ring, pattern):
    with pytest.raises(InputError, match="names no control"):
        ring.with_grant(Role.GATEWAY, [pattern])


def test_a_ring_survives_its_json(ring, now):
    full = (
        ring.closing(Role.LOG, now + HOUR)
        .with_key(NEXT, Role.LOG, now + HOUR)
        .revoking(KEYS[Role.MODEL].key_id)
        .with_grant(Role.GATEWAY, ["monitoring.*", "response.drill"])
    )
    assert KeyRing.from_json(full.to_json()) == full
    assert b"PRIVATE" not in full.to_json()


def test_a_key_is_in_the_ring_once(ring, now):
    with pytest.raises(InputError, match="twice"):
        ring.with_key(KEYS[Role.LOG], Role.ENGINEER, now)


def test_a_period_does_not_end_before_it_begins(ring, now):
    with pytest.raises(InputError, match="before it begins"):
        ring.closing(Role.LOG, now - HOUR)
    with pytest.raises(InputError, match="no key"):
        ring.revoking("00")


def test_a_closed_period_stays_as_it_is(ring, now):
    closed = ring.closing(Role.LOG, now + HOUR)
    assert closed.closing(Role.LOG, now + 2 * HOUR) == closed


@pytest.mark.parametrize(
    "change",
    [
        (b'"version":1', b'"version":2'),
        (b'"version":1', b'"version":1,"more":1'),
        (b'"role":"engineer"', b'"role":"king"'),
        (b'"revoked":false', b'"revoked":0'),
        (b'"since":"2025', b'"since":"25'),
        (b"BEGIN PUBLIC", b"BEGIN PUBLISHED"),
        (b'"grants":{}', b'"grants":{"king":[]}'),
        (b'"grants":{}', b'"grants":{"gateway":["*"]}'),
    ],
)
def test_what_is_no_ring_is_refused(ring, change):
    data = ring.to_json()
    assert change[0] in data
    with pytest.raises(InputError):
        KeyRing.from_json(data.replace(*change, 1))


def test_a_ring_beyond_the_bounds_is_refused():
    with pytest.raises(InputError, match="at most"):
        KeyRing.from_json(b" " * (4 * 1024 * 1024 + 1))
