"""What the gateway sends: JSON answers, and errors as RFC 9457 problem details with no stack and no internal path."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

TITLES: Mapping[int, str] = {
    400: "the request cannot be used",
    401: "no valid credentials",
    403: "not allowed",
    404: "there is no such thing here",
    405: "that method is not offered here",
    408: "the request took too long",
    413: "the request is too large",
    422: "the model has no valid answer to this",
    431: "the head of the request is too large",
    500: "something of ours broke",
    503: "cannot answer now",
}
PROBLEM_TYPE = "application/problem+json"
_CLOSING = frozenset({401, 408, 413, 431, 503})
"""After these the connection ends: more of the request may be under way, or a stranger would hold it open."""
_PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def answer(value: object) -> Response:
    """JSON response that no cache keeps."""
    return Response(msgspec.json.encode(value), headers=_PRIVATE, media_type="application/json")


def text(value: str) -> Response:
    """Plain text response that no cache keeps."""
    return Response(value, headers=_PRIVATE, media_type="text/plain")


def problem(status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """Response with a problem document. Clients of the Open Inference Protocol find the same words under ``error``."""
    more = {**_PRIVATE, **(headers or {})}
    if status == 401:
        more["WWW-Authenticate"] = 'Bearer realm="secmlops"'
    if status in _CLOSING:
        more["Connection"] = "close"
    return Response(problem_document(status, detail), status, more, PROBLEM_TYPE)


def problem_document(status: int, detail: str = "") -> bytes:
    """JSON of a problem (RFC 9457, section 3) of the status 4xx or 5xx."""
    title = TITLES[status]
    body: dict[str, str | int] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    return msgspec.json.encode({**body, "error": detail or title})
