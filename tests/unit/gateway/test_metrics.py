"""Metrics: counted exactly, and told in a format that Prometheus' own parser reads."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from secmlops.gateway.metrics import BOUNDS_S, Metrics


def told(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_nothing_yet() -> None:
    metrics = Metrics()
    assert (metrics.requests, metrics.summary()) == (0, {})
    assert told(metrics)["secmlops_request_seconds_count", ()] == 0


def test_requests_are_counted_by_status() -> None:
    metrics = Metrics()
    for status in (200, 200, 201, 401, 429, 503):
        metrics.count(status, 0.001)
    assert metrics.requests == 6
    assert metrics.summary() == {"2xx": 3, "4xx": 2, "5xx": 1}
    samples = told(metrics)
    assert samples["secmlops_requests_total", (("status", "200"),)] == 2
    assert samples["secmlops_requests_total", (("status", "503"),)] == 1


def test_events_are_counted_by_kind() -> None:
    metrics = Metrics()
    metrics.event("guard", "flag", 3)
    metrics.event("guard", "flag")
    metrics.event("limited", 'a "b"\n\\')
    samples = told(metrics)
    assert samples["secmlops_events_total", (("event", "guard"), ("kind", "flag"))] == 4
    assert samples["secmlops_events_total", (("event", "limited"), ("kind", 'a "b"\n\\'))] == 1


def test_latency_is_told_in_cumulative_buckets() -> None:
    metrics = Metrics()
    seconds = [0.0, *BOUNDS_S, 0.0015, 60.0]
    for one in seconds:
        metrics.count(200, one)
    samples = told(metrics)
    for bound in BOUNDS_S:
        below = samples["secmlops_request_seconds_bucket", (("le", str(bound)),)]
        assert below == sum(one <= bound for one in seconds)
    assert samples["secmlops_request_seconds_bucket", (("le", "+Inf"),)] == len(seconds)
    assert samples["secmlops_request_seconds_sum", ()] == pytest.approx(sum(seconds))


def test_a_gauge_is_read_when_someone_asks() -> None:
    metrics, values = Metrics(), iter([1.0, 2.5])
    metrics.gauge("queries_waiting", lambda: next(values))
    assert [told(metrics)["secmlops_queries_waiting", ()] for _ in range(2)] == [1.0, 2.5]
