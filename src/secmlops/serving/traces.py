"""Where traces of requests go, and of how many requests there are any."""

from typing import Annotated

import msgspec
from msgspec import Meta

from secmlops.access.fetch import check_url
from secmlops.core.errors import InputError


class TraceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Traces are off unless a collector is named; they need the extra ``telemetry``."""

    endpoint: Annotated[
        str | None,
        Meta(description="an OTLP/HTTP collector, such as http://localhost:4318/v1/traces; none: no traces"),
    ] = None
    share: Annotated[
        float, Meta(ge=0, le=1, description="share of the requests that are traced where the caller has not decided")
    ] = 1.0
    service: Annotated[str, Meta(min_length=1, max_length=100, description="what the traces call this service")] = (
        "secmlops"
    )

    def check(self) -> None:
        """Raise InputError unless the collector is an https address, or one of this very machine."""
        if self.endpoint is None:
            return
        try:
            check_url(self.endpoint, "the collector")
        except InputError as error:
            example = "for example http://localhost:4318/v1/traces; its credentials: OTEL_EXPORTER_OTLP_HEADERS"
            raise InputError(error.what, where="serving.traces.endpoint", hint=example) from None
