"""Less work for each request, and the same on the wire."""

import asyncio

import httptools
import pytest
import uvicorn

from secmlops.gateway.connection import BoundedProtocol
from secmlops.gateway.exchange import Response
from secmlops.gateway.responses import answer, problem
from secmlops.gateway.usual import UsualHead

POST = b"POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
DATE = [(b"date", b"Sat, 21 Nov 2026 12:00:00 GMT")]


class Wire(asyncio.Transport):
    """A transport that keeps what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.closed = b"", False

    def write(self, data):
        self.written += data

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    def get_extra_info(self, name, default=None):
        return default

    def pause_reading(self):
        """Nothing is read by itself."""

    resume_reading = pause_reading


class Talk:
    """A connection to an application that answers with ``response``: in one piece where it may, else as ASGI has it."""

    def __init__(self, response: Response, *, short: bool = True) -> None:
        self.scopes, self.short = [], []

        async def application(scope, receive, send):
            self.scopes.append(scope)
            await receive()
            self.short.append(short and scope["answer"](response))
            if not self.short[-1]:
                await response.send(send)

        config = uvicorn.Config(application, log_level="critical", lifespan="off", ws="none", timeout_keep_alive=1)
        config.load()
        state = uvicorn.Server(config).server_state
        state.default_headers = list(DATE)
        self.protocol = BoundedProtocol(config=config, server_state=state, app_state={})
        self.wire = Wire()
        self.protocol.connection_made(self.wire)

    async def ask(self, request: bytes = POST) -> bytes:
        before = len(self.wire.written)
        self.protocol.data_received(request)
        for _ in range(8):
            await asyncio.sleep(0)
        return self.wire.written[before:]


def asked(response: Response, *requests: bytes, short: bool = True) -> tuple[Talk, list[bytes]]:
    async def talk() -> tuple[Talk, list[bytes]]:
        one = Talk(response, short=short)
        answers = [await one.ask(request) for request in requests]
        one.protocol.connection_lost(None)
        return one, answers

    return asyncio.run(talk())


def test_the_usual_answer_in_one_piece_is_what_asgi_would_have_sent() -> None:
    short, (one, again) = asked(answer({"a": 1}), POST, POST)
    _, (long, _) = asked(answer({"a": 1}), POST, POST, short=False)
    assert short.short == [True, True]
    assert one == again == long


@pytest.mark.parametrize(
    ("response", "request_"),
    [
        (problem(400), POST),
        (answer({}).with_header(b"connection", b"close"), POST),
        (answer({}), POST.replace(b"POST", b"HEAD")),
        (answer({}), POST.replace(b"HTTP/1.1", b"HTTP/1.0")),
        (answer({}), POST.replace(b"Host: x", b"Host: x\r\nConnection: close")),
    ],
)
def test_all_else_takes_the_long_way(response: Response, request_: bytes) -> None:
    talk, (told,) = asked(response, request_)
    assert talk.short == [False]
    assert told == asked(response, request_, short=False)[1][0]


def test_a_client_that_does_not_read_is_waited_for() -> None:
    async def talk() -> list[bool]:
        one = Talk(answer({}))
        one.protocol.pause_writing()
        task = asyncio.ensure_future(one.ask())
        await asyncio.sleep(0)
        one.protocol.resume_writing()
        assert b"HTTP/1.1 200" in await task or b"HTTP/1.1 200" in await one.ask(b"")
        one.protocol.connection_lost(None)
        return one.short

    asyncio.run(talk())


def test_the_head_is_written_anew_when_the_date_changes() -> None:
    head, response = UsualHead(), answer({})
    first = head.message(response, DATE)
    later = head.message(response, [(b"date", b"Sat, 21 Nov 2026 12:00:01 GMT")])
    assert first.replace(b"12:00:00", b"12:00:01") == later


def test_the_target_is_that_of_each_request() -> None:
    talk, _ = asked(answer({}), POST, POST.replace(b"/a%20b?c=d", b"/e"), POST)
    assert [(one["path"], one["raw_path"], one["query_string"]) for one in talk.scopes] == [
        ("/a b", b"/a%20b", b"c=d"),
        ("/e", b"/e", b""),
        ("/a b", b"/a%20b", b"c=d"),
    ]
    with pytest.raises(httptools.HttpParserInvalidURLError):
        httptools.parse_url(b"a:b:c")


def test_a_connection_at_rest_ends_when_its_time_is_over_and_not_before() -> None:
    async def talk() -> list[bool]:
        one, closed = Talk(answer({})), []
        now = asyncio.get_running_loop().time()
        one.protocol.loop = clock = _Clock(asyncio.get_running_loop(), now)
        await one.ask()
        for seconds in (0.6, 0.6):
            clock.pass_by(seconds)
            closed.append(one.wire.closed)
            await one.ask()  # used in time, so that it begins anew
        clock.pass_by(0.5)
        closed.append(one.wire.closed)
        clock.pass_by(0.6)
        closed.append(one.wire.closed)
        one.protocol.connection_lost(None)
        assert clock.waiting == []
        return closed

    assert asyncio.run(talk()) == [False, False, False, True]


class _Clock:
    """A loop whose time passes when it is told to."""

    def __init__(self, loop: asyncio.AbstractEventLoop, now: float) -> None:
        self.loop, self.now, self.waiting = loop, now, []

    def __getattr__(self, name):
        return getattr(self.loop, name)

    def time(self):
        return self.now

    def call_later(self, seconds, call, *arguments):
        timer = _Timer(self, self.now + seconds, lambda: call(*arguments))
        self.waiting.append(timer)
        return timer

    def pass_by(self, seconds):
        self.now += seconds
        for timer in [timer for timer in self.waiting if timer.at <= self.now]:
            timer.cancel()
            timer.call()


class _Timer:
    def __init__(self, clock, at, call):
        self.clock, self.at, self.call = clock, at, call

    def cancel(self):
        if self in self.clock.waiting:
            self.clock.waiting.remove(self)
