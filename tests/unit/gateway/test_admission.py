"""Who is let in: each check before the dearer one, and nothing told to those who are turned away."""

import contextlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from kits.gateway_world import MAC_KEY, GatewayWorld, body_of
from secmlops.access.administration import Administration
from secmlops.access.certificates import read_certificate
from secmlops.access.entries import append_changes
from secmlops.access.identity import Identity
from secmlops.access.keys import Narrowing
from secmlops.access.limits import Limits
from secmlops.access.permissions import Permission
from secmlops.gateway.door import MAX_BODY_BYTES
from secmlops.gateway.exchange import Refused
from secmlops.gateway.tls import self_made
from secmlops.serving.limits import LimitSettings
from secmlops.serving.networks import NetworkSettings
from secmlops.trust.roles import Role

INFER = "/v2/models/credit/infer"
HERE = NetworkSettings(allow=("192.0.2.0/24",))
ASKER = Identity("key:1", "ada", permissions=(Permission("predict", "model:credit"),))


@pytest.fixture
def opened(open_world) -> Callable[..., GatewayWorld]:
    def make(**chosen) -> GatewayWorld:
        made = open_world(**chosen)
        made.address = "192.0.2.1"
        return made

    return make


def rights(world: GatewayWorld) -> Administration:
    def append(change):
        append_changes(world.ledger, [change], world.keys[Role.GATEWAY])

    return Administration(world.book, MAC_KEY, lambda: world.now, append)


def limits(**given) -> LimitSettings:
    return LimitSettings(**given)


TWICE = [("Authorization", "Bearer x")]


def test_each_check_comes_before_the_dearer_one(opened) -> None:
    """A request that is wrong in every way is refused for the first of them; each is mended in turn."""
    world = opened(networks=HERE, limits=limits(address_rate=1e-9, address_burst=4, rate=1e-9, burst=1))
    admission = world.gateway.admission
    key = world.grant()
    large = b" " * (MAX_BODY_BYTES + 1)
    world.address = "198.51.100.1"
    assert world.ask("POST", INFER, "sk_wrong", large, TWICE).status == 403
    world.address = "192.0.2.1"
    admission._clients._blocked.impose("address:192.0.2.1", 0.0, 1e12)
    assert world.ask("POST", INFER, "sk_wrong", large, TWICE).status == 403
    admission._clients._blocked.impose("address:192.0.2.1", 0.0, 0.0)
    assert world.ask("POST", INFER, "sk_wrong", large, TWICE).status == 400
    assert world.ask("POST", INFER, "sk_wrong", large).status == 401
    assert world.ask("POST", INFER, world.grant(["model.read"]), large).status == 401
    assert world.ask("POST", INFER, key, large).status == 413
    reply = world.ask("POST", INFER, "sk_wrong", large, TWICE)
    assert (reply.status, reply.json["detail"]) == (429, "too many requests from this address")
    world.address = "192.0.2.2"
    reply = world.ask("POST", INFER, key, large)
    assert (reply.status, reply.json["detail"]) == (429, "too many rows")
    assert world.gateway.limiter.enter("key:other") is None


def test_requests_at_once_are_counted_before_the_body_is_read(opened) -> None:
    world = opened(limits=limits(concurrent=1))
    key = world.grant()
    (who,) = {f"key:{key[3:15]}"}
    assert world.gateway.limiter.enter(who) is None
    reply = world.ask_in_pieces("POST", INFER, key, [None])
    assert (reply.status, reply.json["detail"]) == (429, "too many requests at once")
    world.gateway.limiter.leave(who)
    assert world.infer(key).status == 200
    assert world.ask("POST", INFER, key, b"no JSON").status == 400
    assert world.infer(key).status == 200  # what failed is over, too


def test_no_such_key_an_expired_one_and_too_few_rights_look_alike(opened) -> None:
    world = opened()
    expired, narrow = world.grant(lifetime=timedelta(hours=1)), world.grant(["model.read"])
    world.now += timedelta(hours=2)
    blocked = world.grant()
    world.gateway.clients._blocked.impose(f"key:{blocked[3:15]}", 0.0, 1e12)
    keys = ["sk_" + "f" * 12 + "_" + "A" * 43, expired, narrow, blocked, "", None]
    replies = [world.infer(key) for key in keys]
    assert len({(r.status, r.body, tuple(sorted(r.headers.items()))) for r in replies}) == 1
    assert replies[0].status == 401


def test_a_certificate_is_an_identity_and_a_bearer_comes_first(opened) -> None:
    world = opened()
    pair = self_made(world.folder / "tls", "localhost", world.now)
    certificate = read_certificate(pair.certificate.read_bytes(), "ada", world.now)
    world.certificate = certificate.fingerprint
    assert world.ask("GET", "/v2").status == 401
    admin = rights(world)
    admin.set_user("ada", ["caller"])
    admin.map_certificate(certificate)
    assert world.ask("GET", "/v2").status == 200
    assert world.ask("GET", "/v2", "sk_wrong").status == 401
    world.certificate = "cd" * 32
    assert world.ask("GET", "/v2").status == 401


def test_only_failed_credentials_are_told_to_the_watch(opened, monkeypatch) -> None:
    world, seen = opened(), []
    monkeypatch.setattr(world.gateway.clients._watch, "failed", lambda *given: seen.append(given[:2]) or [])
    world.ask("GET", "/v2", "sk_wrong")
    world.ask("GET", "/v2", world.grant())
    world.ask("GET", "/v2", headers=[("Authorization", "Basic abc")])
    assert seen == [("address:192.0.2.1", "sk_wrong"), ("address:192.0.2.1", "")]


def test_who_has_a_network_of_ipv6_addresses_has_one_limit_and_one_name_for_the_watch(opened, monkeypatch) -> None:
    world = opened(limits=LimitSettings(address_burst=3, address_rate=0.001))
    failed = []
    monkeypatch.setattr(world.gateway.clients, "failed", lambda address, *_: failed.append(address))
    statuses = []
    for host in range(5):
        world.address = f"2001:db8::{host:x}"
        statuses.append(world.ask("GET", "/v2", "sk_nobody").status)
    assert statuses == [401, 401, 401, 429, 429]
    assert set(failed) == {"2001:db8::/64"}
    world.address = "2001:db8:0:1::1"
    assert world.ask("GET", "/v2", "sk_nobody").status == 401


def test_a_route_of_the_server_is_for_who_may_do_it_to_any_model(world) -> None:
    admission = world.gateway.admission
    one, other = (Identity("key:1", "a", permissions=(Permission("read", f"model:{m}"),)) for m in ("credit", "other"))
    whole = Identity("key:1", "a", permissions=(Permission("read", "server"),))
    for identity, let_in in ((one, True), (whole, True), (other, False)):
        with contextlib.nullcontext() if let_in else pytest.raises(Refused, match=r"^$"):
            admission.authorise(identity, "read", "server", 0.0)
    with pytest.raises(Refused) as refused:
        admission.authorise(whole, "read", "model:credit", 0.0)
    assert refused.value.status == 401
    with pytest.raises(Refused):
        admission.authorise(whole, None, "server", 0.0)


def test_a_request_of_many_rows_is_charged_for_each_but_not_for_the_first_twice(opened) -> None:
    world = opened(limits=limits(rate=1e-9, burst=10))
    admission = world.gateway.admission
    admission.authorise(ASKER, "predict", "model:credit", 0.0)
    admission.charge(ASKER, 1, 0.0)
    admission.charge(ASKER, 9, 0.0)
    admission.authorise(ASKER, "predict", "model:credit", 0.0)
    with pytest.raises(Refused) as refused:
        admission.authorise(ASKER, "predict", "model:credit", 0.0)
    assert refused.value.status == 429
    assert world.gateway.metrics.events["limited", "identity"] == 1


def test_a_batch_larger_than_the_burst_gets_in_when_nothing_else_was_asked(opened) -> None:
    world = opened(limits=limits(rate=0.5, burst=10))
    admission = world.gateway.admission
    admission.authorise(ASKER, "predict", "model:credit", 0.0)
    admission.charge(ASKER, 30, 0.0)
    with pytest.raises(Refused) as refused:
        admission.authorise(ASKER, "predict", "model:credit", 0.0)
    wait = int(dict(refused.value.headers)[b"retry-after"])
    assert wait == 42  # from 20 rows of debt to the one that this would take
    admission.authorise(ASKER, "predict", "model:credit", float(wait))


@pytest.mark.parametrize(("rate", "told"), [(10.0, b"1"), (1.0, b"1"), (0.5, b"2"), (0.3, b"4")])
def test_the_seconds_to_wait_are_whole_and_never_too_few(opened, rate, told) -> None:
    world = opened(limits=limits(rate=rate, burst=1))
    admission = world.gateway.admission
    admission.authorise(ASKER, "predict", "model:credit", 0.0)
    with pytest.raises(Refused) as refused:
        admission.authorise(ASKER, "predict", "model:credit", 0.0)
    assert refused.value.headers == ((b"retry-after", told),)
    admission.authorise(ASKER, "predict", "model:credit", float(told))


def test_a_quota_of_the_day_is_over_with_the_day(opened) -> None:
    world = opened()
    admin = rights(world)
    admin.set_user("ada", ["caller"])
    key, _ = admin.grant("ada", Narrowing(scopes=("*",), limits=Limits(per_day=2)))
    statuses = [world.infer(key).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert world.infer(key).headers["retry-after"] == str(15 * 3600)  # it is nine o'clock
    world.now += timedelta(days=1)
    assert world.infer(key, body_of()).status == 200


def test_nobody_is_asked_for_credentials_while_rights_are_unknown(world, monkeypatch) -> None:
    assert world.gateway.admission.current
    monkeypatch.setattr(world.rights, "_known_until", float("-inf"))
    assert not world.gateway.admission.current
    with pytest.raises(Refused) as refused:
        world.gateway.admission.identify({b"authorization": b"Bearer sk_x"}, None, "192.0.2.1", 0.0)
    assert refused.value.status == 503
