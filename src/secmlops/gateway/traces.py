"""Traces: the steps of a request as spans of OpenTelemetry, sent to a collector over OTLP/HTTP.

The names are those of the semantic conventions for HTTP servers (version 1.23 and later, stable). A span tells what the
gateway knows for sure, and nothing that a caller wrote: no address, no identity, no value, no name that is not served.
Importing this needs the extra ``telemetry``.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter_ns, time_ns

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from secmlops import __version__
from secmlops.gateway.asgi import Scope
from secmlops.gateway.exchange import Refused
from secmlops.gateway.gateway import Gateway
from secmlops.gateway.metrics import Metrics
from secmlops.gateway.routes import RouteTable
from secmlops.gateway.steps import Steps
from secmlops.serving.traces import TraceSettings

EXPORT_SECONDS = 2.0
"""How long one batch may take to be taken in by the collector, all attempts together."""
CLOSE_SECONDS = 3.0
"""How long the end of serving waits for the last of them."""
HIDDEN = "REDACTED"
"""What stands in a path where a caller wrote something that is not served."""
_TRACEPARENT = b"traceparent"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})

logger = logging.getLogger("secmlops.gateway")
Names = Callable[[], Iterable[str]]


class Traces:
    """Makes a span of every request that is told of, in the caller's trace where the caller named one (W3C).

    ``names`` gives the names and versions of what is served. Whoever is let in may ask for a trace, or for none, by the
    sampled flag. Spans wait in a bounded queue: what the collector does not take in time is lost, and counted.
    """

    def __init__(self, settings: TraceSettings, table: RouteTable[Gateway], names: Names, metrics: Metrics) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # it would say the same at every attempt
        about = {"service.name": settings.service, "service.version": __version__}
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(settings.share)),
            resource=Resource.create({**about, "service.instance.id": str(uuid.uuid4())}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(_Delivery(str(settings.endpoint), metrics)))
        self._tracer = self._provider.get_tracer("secmlops.gateway", __version__)
        self._propagator = TraceContextTextMapPropagator()
        self._table = table
        self._names = names

    def tell(self, scope: Scope, steps: Steps) -> None:
        """Make the spans of a request that has just been answered."""
        epoch = time_ns() - perf_counter_ns()
        attributes, route = self._described(scope, steps)
        method = attributes["http.request.method"]
        span = self._tracer.start_span(
            f"{'HTTP' if method == '_OTHER' else method} {route}".rstrip(),
            self._parent(scope),
            SpanKind.SERVER,
            attributes,
            start_time=epoch + steps.begun,
        )
        if span.is_recording():
            inside = set_span_in_context(span, Context())
            for lap in steps.laps:
                child = self._tracer.start_span(lap.step, inside, start_time=epoch + lap.begun)
                child.end(epoch + lap.ended)
            if steps.status >= 500:
                span.set_status(Status(StatusCode.ERROR))
        span.end(epoch + perf_counter_ns())

    def close(self) -> None:
        """Send what is left, for some seconds at most."""
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        last.join(CLOSE_SECONDS)

    def _described(self, scope: Scope, steps: Steps) -> tuple[Mapping[str, str | int], str]:
        """Attributes of the request's span, and its route; of a path that is none, nothing is told."""
        method = scope["method"]
        attributes: dict[str, str | int] = {
            "http.request.method": method if method in _METHODS else "_OTHER",
            "http.response.status_code": steps.status,
            "url.scheme": scope["scheme"],
            "network.protocol.version": scope["http_version"],
        }
        route, path = self._where(method, scope["path"])
        attributes["url.path"] = path
        if route:
            attributes["http.route"] = route
        if steps.status >= 500:
            attributes["error.type"] = str(steps.status)
        if steps.model is not None:
            attributes["secmlops.model.name"], attributes["secmlops.model.version"] = steps.model
            attributes["secmlops.rows"] = steps.rows
        return attributes, route

    def _where(self, method: str, path: str) -> tuple[str, str]:
        """Route and path, without what a caller made up."""
        try:
            match = self._table.match(method, path)
        except Refused:
            return "", HIDDEN
        served = set(self._names())
        shown = {name: value if value in served else HIDDEN for name, value in match.parameters.items()}
        return match.rule.path, match.rule.path.format(**shown)

    def _parent(self, scope: Scope) -> Context:
        """Context that the caller named. Its ``tracestate`` is free text, and stays where it is."""
        given = [value for name, value in scope["headers"] if name == _TRACEPARENT]
        carrier = {"traceparent": given[0].decode("latin-1")} if len(given) == 1 else {}
        return self._propagator.extract(carrier, Context())


class _Delivery(SpanExporter):
    """Sends spans; that they cannot be sent is told once, and counted."""

    def __init__(self, endpoint: str, metrics: Metrics) -> None:
        self._endpoint = endpoint
        self._exporter = OTLPSpanExporter(endpoint, timeout=EXPORT_SECONDS)
        self._metrics = metrics
        self._arrives = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See SpanExporter."""
        result = self._exporter.export(spans)
        arrives = result is SpanExportResult.SUCCESS
        if not arrives:
            self._metrics.event("lost", "span", len(spans))
        if arrives is not self._arrives:
            logger.warning("traces %s at %s", "arrive again" if arrives else "do not arrive", self._endpoint)
        self._arrives = arrives
        return result

    def shutdown(self) -> None:
        """See SpanExporter."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]
