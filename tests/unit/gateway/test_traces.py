"""Spans of requests, as a collector on loopback gets them: names, parents, shares, and a collector that fails."""

import logging
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from kits.trace_receiver import Collector, Span, attributes_of, collecting
from secmlops.core.errors import InputError
from secmlops.gateway.app import ROUTES
from secmlops.gateway.metrics import Metrics
from secmlops.gateway.routes import RouteTable
from secmlops.gateway.serve import has_traces
from secmlops.gateway.steps import Steps
from secmlops.gateway.traces import Traces
from secmlops.serving.settings import ServingSettings
from secmlops.serving.traces import TraceSettings

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-"
INFER = "/v2/models/{name}/versions/{version}/infer"


@pytest.fixture(autouse=True)
def quiet_library() -> Iterator[None]:
    before = logging.getLogger("opentelemetry").level
    yield
    logging.getLogger("opentelemetry").setLevel(before)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


def traces(collector: Collector, metrics: Metrics | None = None, **settings: object) -> Traces:
    chosen = TraceSettings(endpoint=collector.url, **settings)
    return Traces(chosen, RouteTable(ROUTES), lambda: ("credit", "3"), metrics or Metrics())


def scope(method: str = "POST", path: str = "/v2/models/credit/versions/3/infer", *parents: str) -> dict[str, object]:
    headers = [(b"traceparent", parent.encode()) for parent in parents]
    return {"method": method, "path": path, "headers": headers, "scheme": "https", "http_version": "1.1"}


def told(collector: Collector, *arguments: str, status: int = 200, **settings: object) -> list[Span]:
    """Spans of one request."""
    made = traces(collector, **settings)
    made.tell(scope(*arguments), Steps(status=status))
    made.close()
    return collector.spans


@pytest.mark.parametrize(
    ("method", "path", "name", "route", "shown"),
    [
        ("POST", "/v2/models/credit/versions/3/infer", f"POST {INFER}", INFER, "/v2/models/credit/versions/3/infer"),
        ("POST", "/v2/models/credit/versions/ada/infer", f"POST {INFER}", INFER,
         "/v2/models/credit/versions/REDACTED/infer"),
        ("GET", "/receipts/0123", "GET /receipts/{which}", "/receipts/{which}", "/receipts/REDACTED"),
        ("GET", "/v2", "GET /v2", "/v2", "/v2"),
        ("DELETE", "/v2/models/credit", "DELETE", None, "REDACTED"),
        ("GET", "/ada", "GET", None, "REDACTED"),
        ("ADA", "/v2", "HTTP", None, "REDACTED"),
    ],
)  # fmt: skip
def test_a_span_is_named_by_its_route_and_repeats_only_what_is_served(collector, method, path, name, route, shown):
    (span,) = told(collector, method, path)
    attributes = attributes_of(span)
    assert (span.name, attributes.get("http.route"), attributes["url.path"]) == (name, route, shown)
    assert attributes["http.request.method"] == ("_OTHER" if method == "ADA" else method)


@pytest.mark.parametrize(("status", "failed"), [(200, False), (429, False), (500, True), (503, True)])
def test_only_what_is_the_servers_fault_is_an_error(collector, status, failed):
    (span,) = told(collector, status=status)
    assert (span.status.code == 2) is failed
    assert attributes_of(span).get("error.type") == (str(status) if failed else None)


@pytest.mark.parametrize(
    ("parents", "share", "number"),
    [
        ([], 1.0, 1), ([], 0.0, 0),
        ([f"{PARENT}01"], 0.0, 1), ([f"{PARENT}00"], 1.0, 0),
        (["ada"], 1.0, 1), (["ada"], 0.0, 0), (["ff-" + PARENT[3:] + "01"], 0.0, 0),
        ([f"{PARENT}01"] * 2, 0.0, 0), ([f"00-{'0' * 32}-b7ad6b7169203331-01"], 0.0, 0),
    ],
)  # fmt: skip
def test_who_traces_decides_and_otherwise_the_share_does(collector, parents, share, number):
    spans = told(collector, "POST", "/v2", *parents, share=share)
    assert len(spans) == number
    assert all((span.trace_id.hex() == TRACE) is (parents == [f"{PARENT}01"]) for span in spans)


def test_a_share_is_about_that_share(collector):
    made = traces(collector, share=0.25)
    for _ in range(400):
        made.tell(scope(), Steps(status=200))
    made.close()
    assert 50 < len(collector.spans) < 150


def test_a_collector_that_refuses_is_told_once_and_what_is_lost_is_counted(collector, caplog):
    metrics = Metrics()
    collector.answer = lambda: 400
    made = traces(collector, metrics)
    for _ in range(2):
        made.tell(scope(), Steps(status=200))
        made._provider.force_flush()
    assert metrics.events["lost", "span"] == 2
    collector.answer = lambda: 200
    made.tell(scope(), Steps(status=200))
    made.close()
    assert (metrics.events["lost", "span"], len(collector.spans)) == (2, 1)
    assert [record.message.partition(" at ")[0] for record in caplog.records] == [
        "traces do not arrive", "traces arrive again"
    ]  # fmt: skip


def test_a_collector_that_hangs_holds_up_neither_requests_nor_the_end(collector):
    released = threading.Event()
    collector.answer = lambda: 200 if released.wait(20) else 500
    made, begun = traces(collector), time.monotonic()
    for _ in range(700):  # more than one batch
        made.tell(scope(), Steps(status=200))
    made.close()
    assert time.monotonic() - begun < 10
    released.set()


def test_without_the_extra_it_is_told_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "secmlops.gateway.traces")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    assert not has_traces(ServingSettings())
    with pytest.raises(InputError, match="opentelemetry") as refused:
        has_traces(ServingSettings(traces=TraceSettings(endpoint="http://127.0.0.1:4318/v1/traces")))
    assert (refused.value.where, "secmlops[telemetry]" in refused.value.hint) == ("serving.traces", True)
