"""A collector of traces on loopback: takes OTLP over HTTP as a real one does, and keeps what came."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from kits.loopback import LoopbackServer, QuietHandler


class Collector:
    """Keeps every body as it came in ``bodies``; ``answer`` may give another status than 200, or take its time."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[Mapping[str, str]] = []
        self.answer: Callable[[], int] = lambda: 200
        collector = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = collector.answer()
                if status == 200:
                    collector.headers.append(dict(self.headers))
                    collector.bodies.append(body)
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

        self._server = LoopbackServer(Handler)

    @property
    def url(self) -> str:
        return f"{self._server.url}/v1/traces"

    @property
    def resources(self) -> list[dict[str, Any]]:
        """Attributes of the services that sent something."""
        return [attributes_of(sent.resource) for request in self._requests() for sent in request.resource_spans]

    @property
    def spans(self) -> list[Span]:
        """Every span that came, in the order of their beginnings."""
        sent = [of for request in self._requests() for of in request.resource_spans]
        found = [span for of in sent for scope in of.scope_spans for span in scope.spans]
        return sorted(found, key=lambda span: (span.start_time_unix_nano, -span.end_time_unix_nano))

    def wait_for(self, number: int, seconds: float = 20.0) -> list[Span]:
        """Spans, once there are so many."""
        deadline = time.monotonic() + seconds
        while len(self.spans) < number and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.spans) >= number
        return self.spans

    def _requests(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(body) for body in list(self.bodies)]

    def close(self) -> None:
        self._server.close()


def attributes_of(told: Any) -> dict[str, Any]:
    """Attributes of a span or a resource, as plain values."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in told.attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()
    try:
        yield collector
    finally:
        collector.close()
