"""The one door: every request passes here, and none reaches a handler without having been let in.

In this order: where it comes from, how fast that address asks, who it is, whether that identity may do this to this
model, how fast it asks; only then is the body read, within its bound. Strangers are told nothing, not even what is
there: "no such key", "expired" and "may not do this" get the same answer in the same time.
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from time import monotonic, perf_counter

from secmlops.core.errors import SecmlopsError
from secmlops.gateway.asgi import Receive, Scope, Send
from secmlops.gateway.exchange import MAX_BODY_BYTES, Refused, Request, Response
from secmlops.gateway.failures import response_to
from secmlops.gateway.gateway import Gateway
from secmlops.gateway.hold import LONGEST_S, Hold, message_of
from secmlops.gateway.routes import PUBLIC, Match, RouteTable

_POLICY_VIOLATION = 1008
_ONCE = (b"authorization", b"content-length", b"content-type", b"inference-header-content-length", b"host")
"""Headers that mean something here: given twice, two readers could understand two different requests."""

Lifespan = Callable[[], AbstractAsyncContextManager[None]]


class Door:
    """ASGI application: admits a request, has its handler answer it, and counts what became of it."""

    def __init__(self, gateway: Gateway, table: RouteTable[Gateway], lifespan: Lifespan) -> None:
        self._gateway = gateway
        self.table = table
        self._lifespan = lifespan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; web sockets are turned away."""
        if scope["type"] == "http":
            begun = perf_counter()
            response = await self._respond(scope, receive)
            self._gateway.metrics.count(response.status, perf_counter() - begun)
            answer = scope.get("answer")
            if answer is None or not answer(response):
                await response.send(send)
        elif scope["type"] == "lifespan":
            await _live(self._lifespan, receive, send)
        else:
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        client = scope.get("client")
        request = Request(scope["method"], scope["path"], dict(scope["headers"]), client[0] if client else "")
        try:
            match = self._admit(request, scope)
            if request.identity is None:
                response = await match.rule.handler(self._gateway, request)
                return response.with_header(b"connection", b"close")  # strangers hold no connection open
            return await self._answered(match, request, receive)
        except Exception as error:  # noqa: BLE001  # the outermost: whatever broke, the caller gets a problem document
            response = response_to(error)
            if isinstance(error, Refused) and error.stands_s and "hold" in scope:
                scope["hold"](self._hold(request, response, error.stands_s))
            if request.identity is not None:
                self._gateway.clients.refused(request.identity.id, request.path, response.status, monotonic())
            return response

    def _hold(self, request: Request, response: Response, seconds: float) -> Hold:
        """What the connection itself may answer for a while to who asks again."""
        metrics, status = self._gateway.metrics, response.status

        def count() -> None:
            metrics.event("limited", "connection")
            metrics.count(status, 0.0)

        until = monotonic() + min(seconds, LONGEST_S)
        return Hold(until, request.headers.get(b"authorization"), message_of(response), count)

    async def _answered(self, match: Match[Gateway], request: Request, receive: Receive) -> Response:
        gateway = self._gateway
        gateway.admission.enter(request.caller)
        try:
            request.body = await _body(request, receive)
            return await match.rule.handler(gateway, request)
        finally:
            gateway.limiter.leave(request.caller.id)

    def _admit(self, request: Request, scope: Scope) -> Match[Gateway]:
        """Rule that the request falls under; raises Refused 400, 401, 403, 404, 405, 429 or 503."""
        admission, given, now = self._gateway.admission, scope["headers"], monotonic()
        admission.knock(request.address, now)
        if len(request.headers) != len(given) and _repeated(given):
            raise Refused(400, "a header that may be there once is there twice")
        if (request.method, request.path) in PUBLIC:
            return self.table.match(request.method, request.path)
        identity = admission.identify(request.headers, scope.get("client_certificate"), request.address, now)
        request.identity = identity
        match = self.table.match(request.method, request.path)
        admission.authorise(identity, match.rule.action, match.resource, now)
        request.parameters = match.parameters
        return match


def _repeated(given: list[tuple[bytes, bytes]]) -> bool:
    names = [name for name, _ in given]
    return any(names.count(name) > 1 for name in _ONCE)


async def _body(request: Request, receive: Receive) -> bytes:
    """Body of the request; raises Refused when it is larger than the bound, whatever its headers say."""
    declared = request.headers.get(b"content-length", b"0")
    if not declared.isdigit():
        raise Refused(400, "a length that is no number")
    if len(declared) > 12 or int(declared) > MAX_BODY_BYTES:
        raise _too_large()
    message = await receive()
    body: bytes = message.get("body", b"")
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    if message["type"] == "http.request" and not message.get("more_body", False):
        return body
    pieces, size = [body], len(body)
    while message["type"] == "http.request" and message.get("more_body", False):
        message = await receive()
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > MAX_BODY_BYTES:
            raise _too_large()
    if message["type"] != "http.request":
        raise Refused(400, "the request was cut off")
    return b"".join(pieces)


def _too_large() -> Refused:
    return Refused(413, f"a body has at most {MAX_BODY_BYTES} bytes")


async def _live(lifespan: Lifespan, receive: Receive, send: Send) -> None:
    """Speak the lifespan protocol of ASGI: start before the first request, end after the last."""
    async with contextlib.AsyncExitStack() as running:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await running.enter_async_context(lifespan())
                await send({"type": "lifespan.startup.complete"})
            else:
                try:
                    await running.aclose()
                except SecmlopsError as error:  # the logs could not be ended as they should
                    await send({"type": "lifespan.shutdown.failed", "message": str(error)})
                else:
                    await send({"type": "lifespan.shutdown.complete"})
                return


@contextlib.asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    """Lifespan of a gateway that others keep up."""
    yield
