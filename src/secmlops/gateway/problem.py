"""Errors as the gateway tells them: RFC 9457 problem details, no stack, no internal path."""

import msgspec
from starlette.responses import Response

TITLES = {
    400: "the request cannot be used",
    401: "no valid credentials",
    403: "not allowed",
    404: "there is no such thing here",
    405: "that method is not offered here",
    408: "the request took too long",
    413: "the request is too large",
    500: "something of ours broke",
    503: "cannot answer now",
}


def problem(status: int, detail: str = "") -> Response:
    """Response with a problem document."""
    body: dict[str, str | int] = {"type": "about:blank", "title": TITLES[status], "status": status}
    if detail:
        body["detail"] = detail
    headers = {"WWW-Authenticate": 'Bearer realm="secmlops"'} if status == 401 else {}
    return Response(msgspec.json.encode(body), status, headers, "application/problem+json")
