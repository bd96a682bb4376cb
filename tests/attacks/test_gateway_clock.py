"""The clock jumps while the gateway serves: nobody gets more than their due, and the log stays what it was."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kits.gateway_here import GatewayHere, serving_here
from kits.running_gateway import write_settings
from kits.small_project import released_copy
from kits.token_issuer import AUDIENCE, ISSUER, claims_at, jwk, jwks, rsa_key, token_of
from secmlops.access.changes import ClaimRule, Issuer
from secmlops.access.keys import Narrowing
from secmlops.access.limits import Limits
from secmlops.ledger.audit import audit
from secmlops.serving.record import PREDICTION, PredictionRecord
from secmlops.trust.roles import Role

DAY, HOUR, YEAR = timedelta(days=1), timedelta(hours=1), timedelta(days=365)
KNOWN_S = 0.7
"""Seconds after which everyone who was recognised is looked at again, and rights have been read again."""


@pytest.fixture
def gateway(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[GatewayHere]:
    project = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    write_settings(project, "limits: {rate: 0.001, burst: 100, address_rate: 1e9, address_burst: 1000000000}")
    with serving_here(project) as one:
        yield one


def key_with(gateway: GatewayHere, lifetime: timedelta = YEAR * 2, **limits: float) -> str:
    narrowing = Narrowing(scopes=("*",), lifetime=lifetime, limits=Limits(**limits) if limits else None)
    key, _ = gateway.workspace.administration.grant_anyone(f"user {time.monotonic()}", narrowing)
    time.sleep(KNOWN_S)
    return key


def asked(gateway: GatewayHere, key: str, times: int = 1) -> list[int]:
    return [gateway.ask(key)[0] for _ in range(times)]


@pytest.mark.parametrize("jump", [YEAR, -YEAR, DAY, -DAY])
def test_a_bucket_is_neither_filled_nor_shut_by_a_jump(gateway: GatewayHere, jump: timedelta) -> None:
    spent, fresh = key_with(gateway, burst=3), key_with(gateway, burst=3)
    assert asked(gateway, spent, 4) == [200, 200, 200, 429]
    gateway.clock.jumped += jump
    status, headers, _ = gateway.ask(spent)
    assert (status, int(headers["retry-after"])) == (429, pytest.approx(1000, abs=5))
    if jump > timedelta():
        assert asked(gateway, fresh) == [200]
    time.sleep(KNOWN_S)
    assert asked(gateway, spent) == [429]


def test_nobody_gets_the_quota_of_a_day_twice_by_a_clock_that_goes_back_and_forth(gateway: GatewayHere) -> None:
    key = key_with(gateway, per_day=2)
    assert asked(gateway, key, 3) == [200, 200, 429]
    gateway.clock.jumped += DAY
    assert asked(gateway, key, 3) == [200, 200, 429]
    for jump in (-DAY, DAY, -HOUR, HOUR):
        gateway.clock.jumped += jump
        assert asked(gateway, key) == [429]
    gateway.clock.jumped += DAY
    assert asked(gateway, key, 3) == [200, 200, 429]
    assert 0 < int(gateway.ask(key)[1]["retry-after"]) <= DAY.total_seconds()


def test_a_key_ends_when_the_clock_says_so_and_does_not_begin_before_it_was_given(gateway: GatewayHere) -> None:
    key = key_with(gateway, lifetime=HOUR)
    assert asked(gateway, key) == [200]
    gateway.clock.jumped += HOUR
    time.sleep(KNOWN_S)
    assert asked(gateway, key) == [401]
    gateway.clock.jumped -= HOUR
    time.sleep(KNOWN_S)
    assert asked(gateway, key) == [200]


def test_a_token_counts_between_its_beginning_and_its_end_whatever_was_remembered(gateway: GatewayHere) -> None:
    rules = (ClaimRule("groups", "tellers", "caller"),)
    trusted = Issuer(
        issuer=ISSUER, audience=AUDIENCE, algorithms=("RS256",), version=1, at=gateway.clock(), rules=rules,
        jwks=jwks(jwk(rsa_key())),
    )  # fmt: skip
    gateway.workspace.administration.trust(trusted)
    time.sleep(KNOWN_S)
    now = gateway.clock().timestamp()
    token = token_of({"alg": "RS256", "kid": "k1"}, claims_at(now, nbf=now, exp=now + 3600), rsa_key())
    for jump, status in ((timedelta(), 200), (HOUR, 401), (-HOUR, 200), (-DAY, 401), (DAY, 200), (YEAR, 401)):
        gateway.clock.jumped += jump
        time.sleep(KNOWN_S)
        assert asked(gateway, token) == [status], jump


def test_the_log_keeps_its_order_and_verifies_though_its_moments_go_back(gateway: GatewayHere) -> None:
    key = key_with(gateway)
    indices, moments = [], []
    for jump in (timedelta(), YEAR, -YEAR - HOUR, DAY):
        gateway.clock.jumped += jump
        moments.append(gateway.clock())
        status, _, told = gateway.ask(key)
        if jump == -YEAR - HOUR:  # the key was not given yet
            status, _, told = gateway.ask(key_with(gateway))
        assert status == 200
        indices.append(told["parameters"]["ledger_index"])
    assert indices == sorted(indices)
    traffic = gateway.workspace.traffic
    entries = [traffic.entry(index) for index in indices]
    assert {entry.kind for entry in entries} == {PREDICTION}
    for entry, moment in zip(entries, moments, strict=True):
        assert abs(PredictionRecord.from_json(entry.data).at - moment) < timedelta(seconds=10)
    log_key = gateway.workspace.keys.ring().current(Role.LOG)
    assert audit(traffic.storage, log_key, gateway.workspace.traffic_origin).ok
    ledger = gateway.workspace.ledger
    assert audit(ledger.storage, log_key, gateway.workspace.origin).ok
