"""Traces of a running gateway, taken in by a collector on loopback and decoded: what they tell, and what not."""

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from kits.running_gateway import UNBOUNDED, RunningGateway, row_body, running, statuses, write_settings
from kits.small_project import released_copy
from kits.trace_receiver import Collector, Span, attributes_of, collecting

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = f"traceparent: 00-{TRACE}-{PARENT}-01\r\n"
CLOSE = "Connection: close\r\n"


@dataclass
class Told:
    """A gateway that has been asked all of this and has stopped, and what the collector holds."""

    gateway: RunningGateway
    collector: Collector
    answers: dict[str, bytes]

    def of(self, trace: str) -> list[Span]:
        return [span for span in self.collector.spans if span.trace_id.hex() == trace]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("traces")
    project = released_copy(tmp_path_factory, folder)
    with collecting() as collector, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECMLOPS_KEYS", str(folder / "keys"))
        patch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=blue")
        write_settings(project, f"{UNBOUNDED}, traces: {{endpoint: '{collector.url}', service: scoring}}")
        with running(project) as gateway:
            answers = {
                "one": gateway.talk(gateway.request(more=f"{SAMPLED}tracestate: seen=by-ada\r\n{CLOSE}")),
                "no": gateway.talk(
                    gateway.request(more=CLOSE + SAMPLED.replace("-01\r", "-00\r").replace("0af", "1af"))
                ),
                "twice": gateway.talk(gateway.request(more=SAMPLED * 2 + CLOSE)),
                "stranger": gateway.talk(gateway.request(more=SAMPLED.replace("0af", "2af") + CLOSE, key="sk_no")),
                "health": gateway.talk(b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n"),
                "nowhere": gateway.talk(gateway.request(more=CLOSE, path="/v2/models/ada-lovelace/infer")),
                "no route": gateway.talk(gateway.request(more=CLOSE, path="/ada/lovelace")),
                "wrong": gateway.talk(gateway.request(b'{"inputs": "ada"}', more=CLOSE)),
            }
            assert _kept_alive(gateway, 3) == [200] * 3
            with ThreadPoolExecutor(8) as pool:
                assert list(pool.map(_kept_alive, [gateway] * 8, [10] * 8)) == [[200] * 10] * 8
            assert gateway.stop() == 0
            assert "Traceback" not in gateway.log.read_text()
        yield Told(gateway, collector, answers)


def _kept_alive(gateway: RunningGateway, times: int) -> list[int]:
    """Statuses of requests that come one after another on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
    found = []
    for _ in range(times):
        connection.request("POST", gateway.path, row_body(), {"Authorization": f"Bearer {gateway.key}"})
        response = connection.getresponse()
        response.read()
        found.append(response.status)
    connection.close()
    return found


def test_a_request_goes_on_with_the_trace_of_its_caller(told: Told) -> None:
    root, *steps = told.of(TRACE)
    assert (root.name, root.kind) == ("POST /v2/models/{name}/infer", Span.SPAN_KIND_SERVER)
    assert root.parent_span_id.hex() == PARENT
    assert attributes_of(root) == {
        "http.request.method": "POST", "http.route": "/v2/models/{name}/infer", "http.response.status_code": 200,
        "url.scheme": "http", "url.path": "/v2/models/small/infer", "network.protocol.version": "1.1",
        "secmlops.model.name": "small", "secmlops.model.version": "1", "secmlops.rows": 1,
    }  # fmt: skip
    assert [step.name for step in steps] == ["read", "guard", "model", "record"]
    assert {step.parent_span_id for step in steps} == {root.span_id}


def test_steps_follow_one_another_within_their_request(told: Told) -> None:
    root, *steps = told.of(TRACE)
    moments = [root.start_time_unix_nano]
    for step in steps:
        moments += [step.start_time_unix_nano, step.end_time_unix_nano]
    moments.append(root.end_time_unix_nano)
    assert moments == sorted(moments)
    assert abs(root.start_time_unix_nano / 1e9 - time.time()) < 600
    assert 0 < (moments[-1] - moments[0]) / 1e9 < 30


def test_the_collector_is_told_the_service_and_gets_the_operators_headers(told: Told) -> None:
    for resource in told.collector.resources:
        assert resource["service.name"] == "scoring"
        assert {"service.version", "service.instance.id", "telemetry.sdk.name"} <= resource.keys()
    assert {headers["x-tenant"] for headers in told.collector.headers} == {"blue"}


def test_nothing_that_a_caller_wrote_or_is_leaves_with_a_trace(told: Told) -> None:
    sent = b"".join(told.collector.bodies)
    proof = json.loads(told.answers["one"].partition(b"\r\n\r\n")[2])["parameters"]
    secrets = [
        told.gateway.key,
        told.gateway.key[3:15],
        "tester",
        "127.0.0.1",
        "ada",
        "lovelace",
        "2500",
        "9000",
        "car",
    ]
    for secret in (*secrets, proof["prediction_id"], proof["salt"], "seen=by", "Bearer"):
        assert secret.encode() not in sent, secret


def test_who_was_not_let_in_leaves_no_trace(told: Told) -> None:
    assert statuses(told.answers["stranger"]) == [401]
    assert told.of(TRACE.replace("0af", "2af")) == []
    routes = {attributes_of(span).get("http.route") for span in told.collector.spans}
    assert "/v2/health/live" not in routes


def test_a_caller_may_ask_for_no_trace(told: Told) -> None:
    assert statuses(told.answers["no"]) == [200]
    assert told.of(TRACE.replace("0af", "1af")) == []


def test_two_traces_named_at_once_are_none(told: Told) -> None:
    assert statuses(told.answers["twice"]) == [200]
    assert len(told.of(TRACE)) == 5


def test_paths_that_are_made_up_are_not_repeated(told: Told) -> None:
    failed = [
        attributes_of(s) for s in told.collector.spans if attributes_of(s).get("http.response.status_code") == 404
    ]
    assert [(one.get("http.route"), one["url.path"]) for one in failed] == [
        ("/v2/models/{name}/infer", "/v2/models/REDACTED/infer")
    ]
    assert statuses(told.answers["no route"]) == [404]  # turned away before its body was read


def test_a_request_that_cannot_be_used_has_been_read_and_no_more(told: Told) -> None:
    (root,) = [s for s in told.collector.spans if attributes_of(s).get("http.response.status_code") == 400]
    assert [s for s in told.collector.spans if s.parent_span_id == root.span_id] == []


def test_every_one_of_a_crowd_has_all_its_steps(told: Told) -> None:
    good = {s.span_id for s in told.collector.spans if attributes_of(s).get("http.response.status_code") == 200}
    assert len(good) == 1 + 1 + 3 + 80
    steps = Counter((s.parent_span_id, s.name) for s in told.collector.spans if s.parent_span_id in good)
    assert steps == {(span, step): 1 for span in good for step in ("read", "guard", "model", "record")}


def test_a_collector_that_is_not_there_costs_no_answer_and_is_told_once(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    write_settings(project, f"{UNBOUNDED}, traces: {{endpoint: 'http://127.0.0.1:1/v1/traces'}}")
    with running(project) as gateway:
        for _ in range(5):
            assert statuses(gateway.talk(gateway.request(row_body(), more=CLOSE))) == [200]
        begun = time.monotonic()
        assert gateway.stop() == 0
        assert time.monotonic() - begun < 10
        lines = [line for line in gateway.log.read_text().splitlines() if "trace" in line.lower()]
    assert lines == ["traces do not arrive at http://127.0.0.1:1/v1/traces"]
