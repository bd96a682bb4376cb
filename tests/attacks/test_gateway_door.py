"""No way past the door: every route, method and spelling of a path, without credentials or with too few."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kits.gateway_world import UNWATCHED, GatewayWorld, body_of
from secmlops.access.permissions import Action
from secmlops.gateway.app import ROUTES
from secmlops.gateway.gateway import Gateway
from secmlops.gateway.routes import PUBLIC, Rule

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "")
NAMES = {"name": "credit", "version": "3", "which": "0"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayWorld]:
    made = GatewayWorld(tmp_path_factory.mktemp("door"), settings=UNWATCHED)
    yield made
    made.close()


def built_routes(world: GatewayWorld) -> tuple[Rule[Gateway], ...]:
    """Routes as they are in the application that serves."""
    return world.app.table.rules


def spellings(path: str) -> list[str]:
    """Ways to write a path that some server somewhere takes for the same."""
    return [
        path, path + "/", "/" + path, path.replace("/", "//"), "/." + path, path + "/.", "/x/.." + path, path.upper(),
        path + "%00", path + "\0", path + ";a=b", path + "?a", path + "#a", path.replace("/", "\\"), path + "%2f",
        "/%2e" + path, path.replace("v2", "%76%32"), path + "%20", " " + path, path + "\n", "http://127.0.0.1" + path,
        path[1:], path + "/../health/live", "/v2/health/live/.." + path[3:],
    ]  # fmt: skip


def test_the_application_has_the_routes_of_the_table_and_no_others(world: GatewayWorld) -> None:
    found = {(rule.method, rule.path) for rule in built_routes(world)}
    assert found == {(rule.method, rule.path) for rule in ROUTES}


def test_every_route_but_the_two_of_health_needs_a_right() -> None:
    assert {(rule.method, rule.path) for rule in ROUTES if rule.action is None} == PUBLIC
    assert {("GET", "/v2/health/live"), ("GET", "/v2/health/ready")} == PUBLIC


def test_a_stranger_gets_nowhere_by_any_method_and_spelling(world: GatewayWorld) -> None:
    paths = [route.path.format(**NAMES) for route in built_routes(world)]
    paths += ["/", "", "*", "/v2/models", "/v1", "/receipts", "/admin", "/favicon.ico"]
    tried = 0
    for method, path in product(METHODS, (s for p in paths for s in spellings(p))):
        status = world.ask(method, path, None, body_of()).status
        assert status == (200 if (method, path) in PUBLIC else 401), (method, path)
        tried += 1
    assert tried > 5000


def test_a_stranger_leaves_nothing_in_the_ledger(world: GatewayWorld) -> None:
    before = world.ledger.size + world.traffic.size
    world.ask("POST", "/v2/models/credit/infer", None, body_of())
    world.ask("POST", "/v2/models/credit/infer", "sk_" + "0" * 12 + "_" + "A" * 43, body_of())
    assert world.ledger.size + world.traffic.size == before


@settings(max_examples=100, deadline=None)
@given(method=st.sampled_from(METHODS), path=st.text(max_size=40), header=st.text(st.characters(max_codepoint=255)))
def test_a_stranger_gets_nowhere_by_chance(world: GatewayWorld, method: str, path: str, header: str) -> None:
    path = path.encode(errors="replace").decode()
    reply = world.ask(method, path, None, b"", [("Authorization", f"Bearer {header}")])
    assert reply.status == (200 if (method, path) in PUBLIC else 401)


@settings(max_examples=100, deadline=None)
@given(method=st.sampled_from(METHODS), path=st.text("/v2modelscreditinfer%.{}0 \0é", max_size=40))
def test_a_caller_finds_nothing_that_breaks(world: GatewayWorld, method: str, path: str) -> None:
    key = world.grant()
    for spelled in (path, "/v2/models/" + path, "/receipts/" + path, "/v2/models/credit/versions/" + path):
        assert world.ask(method, spelled, key, b"{}").status in {200, 400, 404, 405}


def test_a_key_for_reading_predicts_nothing_in_any_spelling(world: GatewayWorld) -> None:
    key = world.grant([Action.READ])
    before = world.ledger.size + world.traffic.size
    for path in spellings("/v2/models/credit/infer"):
        assert world.ask("POST", path, key, body_of()).status in {401, 404, 405}
    assert world.ledger.size + world.traffic.size == before


def test_headers_of_proxies_change_nothing(world: GatewayWorld, tmp_path: Path) -> None:
    headers = [
        ("X-Original-URL", "/v2/health/live"), ("X-Rewrite-URL", "/v2/health/live"), ("X-HTTP-Method-Override", "GET"),
        ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-User", "admin"), ("Forwarded", "for=127.0.0.1"),
    ]  # fmt: skip
    assert world.ask("GET", "/v2", None, headers=headers).status == 401
