"""The one door: every request passes here before any route is looked up, and none gets in without credentials.

What is open to everyone is named in ``PUBLIC`` and nowhere else, so a route that is added later is shut by default.
"""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from secmlops.gateway.problem import problem
from secmlops.serving.access import Identity

PUBLIC = frozenset({("GET", "/v2/health/live"), ("GET", "/v2/health/ready")})
MAX_BODY_BYTES = 4 * 2**20
BODY_SECONDS = 10.0

Authenticate = Callable[[str], Identity | None]


class Door:
    """ASGI application in front of the routes: authenticates, then reads the body within its bounds.

    The identity is handed on as ``scope["identity"]``, the body as ``scope["body"]``.
    """

    def __init__(self, routes: ASGIApp, authenticate: Authenticate) -> None:
        self._routes = routes
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it here."""
        if scope["type"] == "lifespan":
            await self._routes(scope, receive, send)
        elif scope["type"] == "http":
            refusal = await self._admit(scope, receive)
            await (refusal or self._routes)(scope, _replayed(scope), send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _admit(self, scope: Scope, receive: Receive) -> Response | None:
        headers = Headers(scope=scope)
        public = (scope["method"], scope["path"]) in PUBLIC
        scope["identity"] = None if public else self._authenticate(_bearer(headers))
        if scope["identity"] is None and not public:
            return problem(401)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                scope["body"] = await _body(headers, receive)
        except TimeoutError:
            return problem(408)
        if scope["body"] is None:
            return problem(413, f"at most {MAX_BODY_BYTES} bytes")
        return None


def _bearer(headers: Headers) -> str:
    given = headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _body(headers: Headers, receive: Receive) -> bytes | None:
    """Body of the request, or None when it is larger than the bound, whatever its headers say."""
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > MAX_BODY_BYTES:
        return None
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            return None
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _replayed(scope: Scope) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": scope.get("body") or b"", "more_body": False}

    return receive
