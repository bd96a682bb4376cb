"""What the gateway sends: JSON answers, and errors as RFC 9457 problem details with no stack and no internal path."""

from collections.abc import Mapping

import msgspec

from secmlops.gateway.exchange import Headers, Response

TITLES: Mapping[int, str] = {
    400: "the request cannot be used",
    401: "no valid credentials for this",
    403: "not allowed from here",
    404: "there is no such thing here",
    405: "that method is not offered here",
    408: "the request took too long",
    413: "the request is too large",
    415: "a body of this kind is not taken here",
    422: "the model has no valid answer to this",
    429: "too many requests",
    431: "the head of the request is too large",
    500: "something of ours broke",
    503: "cannot answer now",
}
PROBLEM_TYPE = "application/problem+json"
_CLOSING = frozenset({401, 403, 408, 413, 431, 503})
"""After these the connection ends: more of the request may be under way, or a stranger would hold it open."""
_PRIVATE: Headers = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
USUAL_HEADERS: Headers = ((b"content-type", b"application/json"), *_PRIVATE)
"""Those of an answer in JSON."""


def encoded(body: bytes, headers: Mapping[str, str] | None = None) -> Response:
    """Answer whose bytes are written already, JSON unless ``headers`` say otherwise; no cache keeps it."""
    if headers is None:
        return Response(200, USUAL_HEADERS, body)
    more = ((name.lower().encode(), value.encode()) for name, value in headers.items())
    return Response(200, (*_PRIVATE, *more), body)


def answer(value: object) -> Response:
    """JSON answer that no cache keeps."""
    return Response(200, USUAL_HEADERS, msgspec.json.encode(value))


def text(value: str, media_type: str = "text/plain; charset=utf-8") -> Response:
    """Text that no cache keeps."""
    return Response(200, ((b"content-type", media_type.encode()), *_PRIVATE), value.encode())


def problem(status: int, detail: str = "", headers: Headers = ()) -> Response:
    """Response with a problem document. Clients of the Open Inference Protocol find the same words under ``error``."""
    more = [(b"content-type", PROBLEM_TYPE.encode()), *_PRIVATE, *headers]
    if status == 401:
        more.append((b"www-authenticate", b'Bearer realm="secmlops"'))
    if status in _CLOSING:
        more.append((b"connection", b"close"))
    return Response(status, tuple(more), problem_document(status, detail))


def problem_document(status: int, detail: str = "") -> bytes:
    """JSON of a problem (RFC 9457, section 3) of the status 4xx or 5xx."""
    title = TITLES[status]
    body: dict[str, str | int] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    return msgspec.json.encode({**body, "error": detail or title})
