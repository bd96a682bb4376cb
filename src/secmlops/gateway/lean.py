"""uvicorn's HTTP/1.1 protocol with less to do for each request, and nothing decided otherwise.

The usual answer goes out as one piece. The target of a request is taken apart once and not again while the connection
asks for the same one. A connection at rest has one timer, which is looked at when it ends, and not a new one each time.
"""

import asyncio
import urllib.parse
from collections.abc import Callable
from typing import Any, NamedTuple

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from secmlops.gateway.exchange import Response
from secmlops.gateway.usual import UsualHead


class _Target(NamedTuple):
    """What a request is about: its target as it came, and the path and query in it."""

    url: bytes
    path: str
    raw_path: bytes
    query: bytes

    @classmethod
    def of(cls, url: bytes) -> "_Target":
        """Take the target apart; raises httptools.HttpParserInvalidURLError, which the parser answers with 400."""
        parsed = httptools.parse_url(url)
        path = parsed.path.decode("ascii")
        return cls(url, urllib.parse.unquote(path) if "%" in path else path, parsed.path, parsed.query or b"")


class LeanProtocol(HttpToolsProtocol):
    """Speaks HTTP/1.1 for an ASGI application that is mounted at the root and takes no web sockets.

    The scope has a member ``answer``: a function that writes a whole response, or returns False where that is to be
    sent in the way of ASGI. Either it is called or something is sent, not both.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.running: RequestResponseCycle | None = None
        self._target = _Target(b"", "", b"", b"")
        self._resting_since: float | None = None
        self._usual = UsualHead()

    @property
    def latest(self) -> RequestResponseCycle | None:
        """Cycle of the request that was read last."""
        return self.cycle  # None before the first request, whatever its annotation says

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave no timer behind."""
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Say in the scope who answers."""
        super().on_message_begin()
        self.scope["answer"] = self._answer  # type: ignore[typeddict-unknown-key]

    def on_headers_complete(self) -> None:
        """Begin the answer, or have it wait in line behind the one that is under way."""
        version, scope, before = self.parser.get_http_version(), self.scope, self.latest
        scope["method"] = self.parser.get_method().decode("ascii")
        if version != "1.1":
            scope["http_version"] = version
        if self.url != self._target.url:
            self._target = _Target.of(self.url)
        _, scope["path"], scope["raw_path"], scope["query_string"] = self._target
        self.cycle = RequestResponseCycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_response_complete(self) -> None:
        """Begin what waits in line; where nothing does, the connection rests."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._resting_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self._look_if_used)

    def _unset_keepalive_if_required(self) -> None:
        self._resting_since = None  # the timer runs on

    def _look_if_used(self) -> None:
        self.timeout_keep_alive_task = None
        if self._resting_since is None:
            return  # a request is under way: when it is answered, this begins anew
        left = self._resting_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self._look_if_used)
        else:
            self.timeout_keep_alive_handler()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Callable[..., Any]) -> None:
        self.running = cycle
        super()._start_asgi_task(cycle, app)

    def _answer(self, response: Response) -> bool:
        cycle = self.running
        if cycle is None or cycle.disconnected or cycle.response_started or self.flow.write_paused:
            return False
        if not (cycle.keep_alive and UsualHead.suits(response)) or cycle.scope["method"] == "HEAD":
            return False
        self.transport.write(self._usual.message(response, self.server_state.default_headers))
        cycle.waiting_for_100_continue = False
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        return True
