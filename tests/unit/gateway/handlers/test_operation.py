"""How the gateway is doing: open to everyone as a word, in detail to those who may know."""

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kits.gateway_world import body_of
from secmlops import __version__


def test_ready_is_no_more_than_a_word_and_says_when_it_is_not(world):
    assert world.ask("GET", "/v2/health/ready").json == {"live": True, "ready": True}
    world.berth.why = "revoked"
    world.gateway.fleet.refresh()
    reply = world.ask("GET", "/v2/health/ready")
    assert reply.status == 503
    assert "revoked" not in reply.body.decode()
    assert world.ask("GET", "/v2/health/live").json == {"live": True}


@pytest.mark.parametrize(
    ("path", "roles"),
    [("/metrics", {"operator", "auditor"}), ("/status", {"operator", "auditor", "viewer"})],
)
def test_each_needs_its_own_right(world, path, roles):
    for role in ("caller", "viewer", "operator", "auditor"):
        reply = world.ask("GET", path, world.member(role, role))
        assert reply.status == (200 if role in roles else 401), role
    assert world.ask("GET", path).status == 401


def test_metrics_count_what_came(world):
    key = world.member("ada", "caller", "operator")
    for _ in range(3):
        world.infer(key)
    world.infer("sk_wrong")
    world.infer(key, b"no JSON")
    reply = world.ask("GET", "/metrics", key)
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(reply.body.decode())
        for sample in family.samples
    }
    assert samples["secmlops_requests_total", "200"] == 3
    assert samples["secmlops_requests_total", "401"] == 1
    assert samples["secmlops_requests_total", "400"] == 1
    assert samples["secmlops_events_total", "credentials", "refused"] == 1
    assert samples["secmlops_request_seconds_count",] == 5


def test_the_status_says_what_is_served_and_what_came(world):
    key = world.member("ada", "caller", "operator")
    world.infer(key)
    world.ask("GET", "/nowhere", key)
    told = world.ask("GET", "/status", key).json
    assert (told["name"], told["version"], told["ready"]) == ("secmlops", __version__, True)
    assert told["models"] == [
        {
            "name": "credit",
            "version": "3",
            "release": str(world.served.release),
            "model": str(world.predictor.digest),
        }
    ]
    assert told["requests"] == {"2xx": 1, "4xx": 1}


def test_no_cache_keeps_any_of_it(world):
    key = world.member("ada", "caller", "operator")
    for path in ("/metrics", "/status", "/v2", "/v2/health/live"):
        assert world.ask("GET", path, key).headers["cache-control"] == "no-store"


def test_what_is_counted_is_counted_for_requests_side_by_side(world):
    key = world.member("ada", "caller", "operator")

    async def many():
        return await asyncio.gather(
            *(world.asked("POST", "/v2/models/credit/infer", key, body_of()) for _ in range(20))
        )

    assert {reply.status for reply in world.runner.run(many())} == {200}
    assert world.gateway.metrics.summary() == {"2xx": 20}
