"""The door: who gets in, and how much a request may bring along."""

from datetime import timedelta

import pytest

from secmlops.gateway.door import MAX_BODY_BYTES
from secmlops.gateway.routes import PUBLIC

INFER = "/v2/models/credit/infer"


def test_only_the_health_routes_are_open():
    assert {("GET", "/v2/health/live"), ("GET", "/v2/health/ready")} == PUBLIC


@pytest.mark.parametrize(("method", "path"), sorted(PUBLIC))
def test_an_open_route_answers_a_stranger_and_ends_the_connection(world, method, path):
    reply = world.ask(method, path)
    assert (reply.status, reply.headers["connection"]) == (200, "close")


def test_an_open_route_reads_no_body(world):
    assert world.ask_in_pieces("GET", "/v2/health/live", None, [b"x" * (MAX_BODY_BYTES + 1)]).status == 200


def test_a_stranger_is_refused_before_any_body_is_read(world):
    reply = world.ask_in_pieces("POST", INFER, None, [None])
    assert (reply.status, reply.headers["connection"]) == (401, "close")
    assert reply.headers["www-authenticate"] == 'Bearer realm="secmlops"'


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_not_case_sensitive(world, scheme):
    key = world.grant()
    assert world.ask("GET", "/v2", headers=[("Authorization", f"{scheme} {key}")]).status == 200


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic {key}", "{key}", "Bearer {key} {key}", "Bearer\t{key}", "Token {key}"]
)
def test_credentials_in_another_form_do_not_count(world, header):
    key = world.grant()
    assert world.ask("GET", "/v2", headers=[("Authorization", header.format(key=key))]).status == 401


def test_two_credentials_count_as_none(world):
    key = world.grant()
    assert world.ask("GET", "/v2", key, headers=[("Authorization", f"Bearer {key}")]).status == 400


def test_a_key_elsewhere_does_not_count(world):
    key = world.grant()
    assert world.ask("GET", f"/v2?key={key}").status == 401
    assert world.ask("GET", "/v2", headers=[("X-Api-Key", key), ("Cookie", key)]).status == 401


def test_an_expired_key_gets_nobody_in(world):
    key = world.grant(lifetime=timedelta(hours=1))
    assert world.ask("GET", "/v2", key).status == 200
    world.now += timedelta(hours=1)
    assert world.ask("GET", "/v2", key).status == 401


def test_unknown_wrong_withdrawn_expired_and_malformed_keys_get_the_same_answer(world):
    good, expired = world.grant(), world.grant(lifetime=timedelta(hours=1))
    world.now += timedelta(hours=2)
    keys = [good[:17] + "A" * 42, "sk_" + "f" * 12 + "_" + "A" * 43, expired, "nonsense", None]
    replies = [world.ask("POST", INFER, key, b"{}") for key in keys]
    assert len({(r.status, r.body, tuple(sorted(r.headers.items()))) for r in replies}) == 1
    assert replies[0].status == 401


def test_nobody_is_admitted_while_rights_are_unknown(world):
    key = world.grant()
    world.ledger.close()
    reply = world.ask("GET", "/v2", key)
    assert (reply.status, reply.json["detail"]) == (503, "who has access cannot be read")
    assert world.ask("GET", "/v2/health/live").status == 200
    assert world.ask("GET", "/v2/health/ready").status == 503


@pytest.mark.parametrize("size", [MAX_BODY_BYTES, MAX_BODY_BYTES + 1])
def test_a_body_has_its_bound(world, size):
    reply = world.ask("POST", INFER, world.grant(), b" " * size)
    assert reply.status == (400 if size <= MAX_BODY_BYTES else 413)


def test_a_body_in_many_pieces_has_the_same_bound(world):
    pieces = [b" " * 2**16] * (MAX_BODY_BYTES // 2**16) + [b" "]
    reply = world.ask_in_pieces("POST", INFER, world.grant(), pieces)
    assert (reply.status, reply.headers["connection"]) == (413, "close")


@pytest.mark.parametrize("declared", [str(MAX_BODY_BYTES + 1), "9" * 5000])
def test_a_body_that_announces_too_much_is_not_even_read(world, declared):
    headers = [("Content-Length", declared)]
    assert world.ask_in_pieces("POST", INFER, world.grant(), [None], headers).status == 413


@pytest.mark.parametrize("declared", ["\xb2", "-1", "0x10", "1e9", ""])
def test_a_length_that_is_no_number_is_refused(world, declared):
    assert world.ask("POST", INFER, world.grant(), b"{}", [("Content-Length", declared)]).status == 400


def test_a_client_that_goes_away_in_the_middle_gets_no_prediction(world):
    size = world.ledger.size
    reply = world.ask_in_pieces("POST", INFER, world.grant(), [b'{"inputs": []', None])
    assert (reply.status, reply.json["detail"]) == (400, "the request was cut off")
    assert world.ledger.size == size + 1  # the grant


def test_a_websocket_is_closed(world):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "websocket.connect"}

    key = world.grant()
    for path in ("/v2/health/live", "/v2"):
        scope = {"type": "websocket", "path": path, "headers": [(b"authorization", f"Bearer {key}".encode())]}
        world.runner.run(world.app(scope, receive, send))
    assert [(m["type"], m["code"]) for m in sent] == [("websocket.close", 1008)] * 2
