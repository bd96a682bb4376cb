"""Numbers about the running gateway, counted in plain integers and told in the text format of Prometheus.

Counting is on the way of every request, so it is two additions; the library writes the format when someone asks.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest

BOUNDS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
"""Upper bounds of the buckets of the latency, seconds."""


class Metrics:
    """Counts of requests by status, their latency, and events by name (a flag, an alarm, a refusal)."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.events: Counter[tuple[str, str]] = Counter()
        self.gauges: dict[str, Callable[[], float]] = {}
        self._buckets = [0] * (len(BOUNDS_S) + 1)
        self._seconds = 0.0

    def count(self, status: int, seconds: float) -> None:
        """Take in an answered request."""
        self.statuses[status] += 1
        self._buckets[bisect_left(BOUNDS_S, seconds)] += 1
        self._seconds += seconds

    def event(self, name: str, kind: str, times: int = 1) -> None:
        """Take in something that happened ``times``: of the sort ``name``, in particular ``kind``."""
        self.events[name, kind] += times

    def gauge(self, name: str, read: Callable[[], float]) -> None:
        """Tell what ``read`` gives under this name, whenever someone asks."""
        self.gauges[name] = read

    @property
    def requests(self) -> int:
        """Number of requests answered, with whatever status."""
        return self.statuses.total()

    def summary(self) -> Mapping[str, int]:
        """Requests by class of status (2xx, 4xx, ...)."""
        told: Counter[str] = Counter()
        for status, times in self.statuses.items():
            told[f"{status // 100}xx"] += times
        return dict(told)

    def exposition(self) -> bytes:
        """Everything, in the text format of Prometheus, version 0.0.4."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families (the contract of a Prometheus collector)."""
        requests = CounterMetricFamily("secmlops_requests", "Requests answered, by status.", labels=["status"])
        for status, times in sorted(self.statuses.items()):
            requests.add_metric([str(status)], times)
        yield requests
        events = CounterMetricFamily("secmlops_events", "What the safeguards saw.", labels=["event", "kind"])
        for (name, kind), times in sorted(self.events.items()):
            events.add_metric([name, kind], times)
        yield events
        latency = HistogramMetricFamily("secmlops_request_seconds", "Time from the head of a request to its answer.")
        latency.add_metric([], self._cumulative(), self._seconds)
        yield latency
        for name, read in self.gauges.items():
            yield GaugeMetricFamily(f"secmlops_{name}", name.replace("_", " ").capitalize() + ".", value=read())

    def _cumulative(self) -> list[tuple[str, float]]:
        below, told = 0, list[tuple[str, float]]()
        for bound, times in zip((*map(str, BOUNDS_S), "+Inf"), self._buckets, strict=True):
            below += times
            told.append((bound, float(below)))
        return told
