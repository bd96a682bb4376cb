"""The one door: every request passes here before any route is looked up, and none gets in without credentials.

What is open to everyone is named in ``PUBLIC`` and nowhere else, so a route that is added later is shut by default.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from secmlops.gateway.rights import Rights

PUBLIC = frozenset({("GET", "/v2/health/live"), ("GET", "/v2/health/ready")})
MAX_BODY_BYTES = 4 * 2**20
BODY_SECONDS = 10.0
_POLICY_VIOLATION = 1008


class Door:
    """ASGI application in front of the routes: authenticates, and only then reads the body, within its bounds.

    The identity is handed on as ``scope["identity"]``, the body as ``scope["body"]``. For strangers no body is read.
    """

    def __init__(self, routes: ASGIApp, rights: Rights) -> None:
        self.routes = routes
        self._rights = rights

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in; raises HTTPException 401, 408, 413 or 503."""
        if scope["type"] == "websocket":
            await WebSocketClose(_POLICY_VIOLATION)(scope, receive, send)
            return
        if scope["type"] == "http":
            scope["app"] = self  # where there is one, Starlette's routes raise what they refuse
            await self._admit(scope, receive)
        await self.routes(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive) -> None:
        scope["identity"], scope["body"] = None, b""
        if (scope["method"], scope["path"]) in PUBLIC:
            return
        if not self._rights.current:
            raise HTTPException(503, "who has access cannot be read")
        headers = Headers(scope=scope)
        identity = self._rights.authenticate(_bearer(headers))
        if identity is None:
            raise HTTPException(401)
        scope["identity"] = identity
        try:
            async with asyncio.timeout(BODY_SECONDS):
                scope["body"] = await _body(headers, receive)
        except TimeoutError:
            raise HTTPException(408, f"the body was not complete after {BODY_SECONDS:g} s") from None


def _bearer(headers: Headers) -> str:
    """Token of the one Authorization header (RFC 6750, section 2.1), or nothing."""
    given = headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _body(headers: Headers, receive: Receive) -> bytes:
    """Body of the request; raises HTTPException when it is larger than the bound, whatever its headers say."""
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 12 or int(declared) > MAX_BODY_BYTES):
        raise _too_large()
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HTTPException(400, "the request was cut off")
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise _too_large()
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _too_large() -> HTTPException:
    return HTTPException(413, f"a body has at most {MAX_BODY_BYTES} bytes")
