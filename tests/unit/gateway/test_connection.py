"""One connection: bounded in bytes, headers and seconds, whatever a stranger sends."""

import asyncio
import json
from time import monotonic

import pytest
import uvicorn

from secmlops.gateway import connection
from secmlops.gateway.connection import MAX_HEAD_BYTES, MAX_HEADERS, MAX_SENT_BYTES, BoundedProtocol
from secmlops.gateway.hold import Hold
from secmlops.gateway.slots import Slots

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n"


async def echo(scope, receive, send):
    """Answer the size of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    body = str(size).encode()
    head = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


application = echo


class Wire(asyncio.Transport):
    """A transport that keeps what was written."""

    def __init__(self):
        super().__init__()
        self.written, self.closed, self.aborted = b"", False, False

    def write(self, data):
        self.written += data

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    def abort(self):
        self.closed = self.aborted = True

    def get_extra_info(self, name, default=None):
        return default

    def pause_reading(self):
        """Nothing is read by itself."""

    def resume_reading(self):
        """Nothing is read by itself."""

    @property
    def status(self):
        return int(self.written.split()[1])


def connected(slots=None):
    """A connection that was just made, and its wire."""
    config = uvicorn.Config(application, http=BoundedProtocol, log_level="critical", lifespan="off", ws="none")
    config.load()
    state = uvicorn.Server(config).server_state
    protocol = BoundedProtocol(config=config, server_state=state, app_state={}, slots=slots)
    wire = Wire()
    protocol.connection_made(wire)
    return protocol, wire


def converse(*pieces, wait=0.0, slots=None):
    """What the server writes when the pieces come one after another."""

    async def talk():
        protocol, wire = connected(slots)
        for piece in pieces:
            if wire.closed:
                break
            protocol.data_received(piece)
            await asyncio.sleep(0)
        await asyncio.sleep(0.02 + wait)
        ended = wire.closed
        protocol.connection_lost(None)
        await asyncio.sleep(0)
        wire.closed = ended
        return wire

    return asyncio.run(talk())


def test_an_ordinary_request_is_answered():
    wire = converse(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
    assert (wire.status, wire.written.endswith(b"\r\n\r\n5"), wire.closed) == (200, True, False)


def test_requests_may_follow_each_other_and_come_in_any_pieces():
    one = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    assert converse(*[bytes([b]) for b in one * 3]).written.count(b"HTTP/1.1 200") == 3
    assert converse(one * 3).written.count(b"HTTP/1.1 200") == 3


@pytest.mark.parametrize("size", [MAX_HEAD_BYTES, 50 * MAX_HEAD_BYTES])
@pytest.mark.parametrize("start", [GET + b"X: ", b"GET /", GET], ids=["value", "target", "name"])
def test_a_head_that_never_ends_is_refused(start, size):
    wire = converse(start, *[b"a" * 4096] * (size // 4096 + 1))
    assert (wire.status, wire.closed) == (431, True)


def test_a_large_head_in_one_piece_is_refused():
    wire = converse(GET + b"X: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n")
    assert (wire.status, wire.closed) == (431, True)


@pytest.mark.parametrize("number", [MAX_HEADERS, MAX_HEADERS + 1, 5000])
def test_headers_are_counted(number):
    wire = converse(b"GET /a HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * (number - 1) + b"\r\n")
    assert wire.status == (200 if number <= MAX_HEADERS else 431)


def test_the_count_begins_anew_with_each_request():
    one = b"GET /a HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * 40 + b"\r\n"
    assert converse(one, one, one).written.count(b"HTTP/1.1 200") == 3


def test_trailers_that_never_end_are_refused():
    start = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
    wire = converse(start, *[b"X: 1\r\n"] * 100)
    assert (wire.status, wire.closed) == (431, True)


def test_a_trailer_that_never_ends_is_refused():
    start = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: "
    wire = converse(start, *[b"a" * 2**18] * (MAX_SENT_BYTES // 2**18 + 2))
    assert (wire.status, wire.closed) == (413, True)


def test_chunks_of_one_byte_have_their_bound_on_the_wire(monkeypatch):
    monkeypatch.setattr(connection, "MAX_SENT_BYTES", 10_000)
    start = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert converse(start, *[b"1\r\na\r\n"] * 1000, b"0\r\n\r\n").status == 200
    assert converse(start, *[b"1\r\na\r\n"] * 2000, b"0\r\n\r\n").status == 413


@pytest.mark.parametrize(
    "sent", [(), (b"GET /a HT",), (GET,), (b"\r\n",), (GET + b"\r\n", b"\r\n"), (GET + b"\r\n", b"GET /b HT")]
)
def test_a_head_that_does_not_come_in_time_ends_the_connection(sent, monkeypatch):
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.03)
    wire = converse(*sent, wait=0.06)
    assert wire.closed
    assert b"HTTP/1.1 408" in wire.written


def test_a_request_under_way_is_not_cut_off_by_the_clock_of_the_head(monkeypatch):
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.03)
    wire = converse(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel", wait=0.06)
    assert (wire.closed, wire.written) == (False, b"")


@pytest.mark.parametrize(
    "smuggled",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5 5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;\nhello\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        b"GET /a HTTP/1.1\r\nHost: x\r\nX: a\nAuthorization: b\r\n\r\n",
        b"GET /a HTTP/1.1\r\nHost: x\r\nX: a\rAuthorization: b\r\n\r\n",
        b"GET /a HTTP/1.1\r\nHost: x\r\nX\0: a\r\n\r\n",
        b"GET /a HTTP/1.1\r\nHost: x\r\n: a\r\n\r\n",
        b"GET /a HTTP/1.1\r\nHost: x\r\n folded: a\r\n\r\n",
        b"GET /a HTTP/9.9\r\n\r\n",
        b"GET /a\r\nHost: x\r\n\r\n",
        b"GET /a HTTP/0.9\r\nHost: x\r\n\r\n",
        b"GET /a HTTP/2.0\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /a HTTP/1.1\r\n\r\n",
        b"GET /a%2Fb HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /a%5cb HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_two_servers_could_read_differently_is_refused(smuggled):
    wire = converse(smuggled)
    assert (wire.status, wire.closed) == (400, True)
    assert wire.written.count(b"HTTP/1.1") == 1


def test_a_refusal_is_a_problem_too():
    head, _, body = converse(b"nonsense\r\n\r\n").written.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == 400


def test_an_upgrade_is_not_followed():
    upgrade = (
        b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert converse(GET + upgrade).status == 200


def test_trailers_are_no_headers(monkeypatch):
    seen = []

    async def look(scope, receive, send):
        seen.append([name for name, _ in scope["headers"]])
        await echo(scope, receive, send)

    monkeypatch.setitem(globals(), "application", look)
    wire = converse(
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1\r\na\r\n0\r\nAuthorization: Bearer x\r\n\r\n"
    )
    assert (wire.status, seen) == (200, [[b"host", b"transfer-encoding"]])


def test_who_speaks_http_1_0_names_no_host():
    assert converse(b"GET /a HTTP/1.0\r\n\r\n").status == 200


@pytest.mark.parametrize(("slots", "status"), [(Slots(9, 0), 429), (Slots(0, 9), 503)])
def test_without_a_place_the_connection_is_turned_away(slots, status):
    wire = converse(GET + b"\r\n", slots=slots)
    assert (wire.status, wire.closed) == (status, True)
    assert wire.written.count(b"HTTP/1.1") == 1


def test_a_place_is_given_back_once():
    slots = Slots(1, 1)
    assert [converse(GET + b"\r\n", slots=slots).status for _ in range(3)] == [200] * 3


@pytest.mark.parametrize("sent", [(), (GET,)])
def test_when_the_server_stops_a_request_that_is_on_its_way_is_answered(sent, monkeypatch):
    monkeypatch.setattr(connection, "LAST_SECONDS", 0.03)

    async def talk():
        protocol, wire = connected()
        for piece in sent:
            protocol.data_received(piece)
        protocol.shutdown()
        await asyncio.sleep(0)
        assert not wire.closed
        protocol.data_received(GET[len(b"".join(sent)) :] + b"\r\n")
        await asyncio.sleep(0.01)
        assert (wire.status, wire.closed, b"connection: close" in wire.written) == (200, True, True)
        protocol.connection_lost(None)
        idle, quiet = connected()
        idle.shutdown()
        await asyncio.sleep(0.06)
        assert (quiet.closed, quiet.written) == (True, b"")
        idle.connection_lost(None)

    asyncio.run(talk())


@pytest.mark.parametrize("how", ["it closes", "it waits to write", "it reads in the end"])
def test_a_client_that_never_reads_is_cut_off(how, monkeypatch):
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 0.03)

    async def talk():
        protocol, wire = connected()
        if how == "it closes":
            protocol.data_received(b"nonsense\r\n\r\n")
        else:
            protocol.pause_writing()
        if how == "it reads in the end":
            protocol.resume_writing()
        await asyncio.sleep(0.06)
        assert wire.aborted is (how != "it reads in the end")
        protocol.connection_lost(None)

    asyncio.run(talk())


ASK = b"POST /a HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nContent-Length: 5\r\n\r\nhello"
REFUSAL = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 2\r\n\r\nno"


def refused_once(*pieces, seconds=60.0):
    """What is written when the first request is refused for some seconds, how often that was told, and who answered."""
    told, asked = [], []

    async def refuse(scope, receive, send):
        asked.append(scope["path"])
        if len(asked) == 1:
            scope["hold"](Hold(monotonic() + seconds, b"a", REFUSAL, lambda: told.append(1)))
        await echo(scope, receive, send)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "application", refuse)
        wire = converse(*pieces)
    return wire.written, len(told), len(asked)


def test_who_was_refused_a_moment_ago_is_refused_by_the_connection():
    written, told, asked = refused_once(ASK, ASK, ASK[:-3], ASK[-3:], ASK)
    assert (written.count(REFUSAL), written.count(b"HTTP/1.1 200"), told, asked) == (3, 1, 3, 1)
    assert written.endswith(REFUSAL)


@pytest.mark.parametrize(
    "other",
    [
        ASK.replace(b": a\r", b": b\r"),
        ASK.replace(b"Authorization: a\r\n", b""),
        ASK.replace(b"POST", b"HEAD"),
        ASK.replace(b"1.1", b"1.0"),
        ASK.replace(b"Host", b"Connection: close\r\nHost"),
        ASK.replace(b"Host", b"Expect: 100-continue\r\nHost"),
    ],
    ids=["another key", "no key", "no body", "HTTP/1.0", "the last one", "one that waits"],
)
def test_what_is_not_the_like_of_it_is_asked_of_the_door(other):
    written, told, asked = refused_once(ASK, other)
    assert (REFUSAL in written, told, asked) == (False, 0, 2)


def test_a_refusal_stands_for_its_time_only():
    _, told, asked = refused_once(ASK, ASK, seconds=-1.0)
    assert (told, asked) == (0, 2)


def test_requests_that_came_together_are_answered_in_their_order():
    written, told, asked = refused_once(ASK * 3)
    assert (written.count(b"HTTP/1.1 200"), REFUSAL in written, asked, told) == (3, False, 3, 0)


def test_what_was_asked_before_something_broken_is_answered_first():
    written = converse(GET + b"\r\n" + GET + b"\r\nnonsense\r\n\r\n", wait=0.05)
    assert (written.written.count(b"HTTP/1.1 200"), written.written.count(b"HTTP/1.1"), written.closed) == (2, 2, True)


def test_a_broken_body_spoils_no_answer_to_what_was_asked_before():
    broken = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n"
    wire = converse(GET + b"\r\n" + broken, wait=0.05)
    assert (wire.status, wire.written.count(b"HTTP/1.1"), wire.closed) == (200, 1, True)


def test_a_hundred_may_wait_in_line_and_not_many_more():
    assert converse((GET + b"\r\n") * 100, wait=0.2).written.count(b"HTTP/1.1 200") == 100
    wire = converse((GET + b"\r\n") * 5000, wait=0.3)
    assert (wire.written.count(b"HTTP/1.1 200"), wire.closed) == (connection.MAX_PIPELINED + 1, True)


def test_who_hangs_up_gets_no_more_answers_and_leaves_no_error(caplog):
    async def talk():
        protocol, wire = connected()
        protocol.data_received((GET + b"\r\n") * 50)
        protocol.connection_lost(None)
        wire.closed = True
        await asyncio.sleep(0.02)
        assert (wire.written, len(protocol.pipeline)) == (b"", 0)

    asyncio.run(talk())
    assert "Exception" not in caplog.text
