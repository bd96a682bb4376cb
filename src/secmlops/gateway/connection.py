"""One connection: uvicorn's HTTP/1.1 protocol with the bounds that it lacks, in bytes, headers and seconds.

Without them a stranger could fill the memory with a header that never ends, or hold every connection open by sending
nothing (RFC 9110, section 17, and RFC 9112, section 11, leave such limits to the server). What two readers of one
request could understand differently is refused, whatever uvicorn makes of it: a coding of the transfer other than
``chunked``, a request without ``Host``, an encoded slash in the path.
"""

import asyncio
import hashlib
from asyncio.events import TimerHandle
from collections.abc import Mapping
from time import monotonic
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from secmlops.core.errors import InputError
from secmlops.gateway.exchange import MAX_BODY_BYTES
from secmlops.gateway.hold import Hold
from secmlops.gateway.lean import LeanProtocol
from secmlops.gateway.responses import PROBLEM_TYPE, problem_document
from secmlops.gateway.slots import Slots

MAX_HEAD_BYTES = 32 * 2**10
MAX_HEADERS = 64
MAX_PIPELINED = 128
"""Requests that may wait behind one that is answered (RFC 9112, section 9.3.2)."""
HEAD_SECONDS = 10.0
BODY_SECONDS = 10.0
ANSWER_SECONDS = 10.0
"""How long a client may take to read what was written, before the connection is cut."""
LAST_SECONDS = 1.0
"""How long a connection that waits for its next request is kept when the server stops: one may be on its way."""
MAX_SENT_BYTES = 4 * MAX_BODY_BYTES
"""What the body of one message may take on the wire, with the sizes of its chunks and its trailers."""


class BoundedProtocol(LeanProtocol):
    """HTTP/1.1 that answers 431 to a head that is too large, and 408 to one that does not come in time.

    ``slots`` are the places for connections that it shares with those of the same server.
    """

    def __init__(self, *arguments: Any, slots: Slots | None = None, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._slots = slots or Slots()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start waiting for the head of the first request, where there is a place for the connection."""
        super().connection_made(transport)
        self._unread: TimerHandle | None = None
        self._hold: Hold | None = None
        self._is_held = False
        self._is_deaf = False
        self._ending = False
        self._address = self.client[0] if self.client else ""
        refusal = self._slots.take(self._address)
        self._placed = not refusal
        self._in_head = True
        self._sent = 0
        self._too_large = False
        self._too_late: TimerHandle | None = None
        self._certificate = _fingerprint(transport)
        if refusal:
            self._refuse(refusal)
        else:
            self._expect(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting, and give the place back."""
        self._stop_waiting()
        self._was_read()
        if self._placed:
            self._slots.free(self._address)
        if self.running is not None:
            self.running.disconnected = True  # uvicorn tells it to the latest one only
            self.running.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and end the connection when it is more than a request may have."""
        if self.transport.is_closing() or self._is_deaf:
            return
        self._sent += len(data)
        super().data_received(data)
        if self.transport.is_closing() or self._is_deaf:
            return
        if self._sent > (MAX_HEAD_BYTES if self._in_head else MAX_SENT_BYTES):
            self._refuse(431 if self._in_head else 413)
        elif not self._in_head:
            self._expect(BODY_SECONDS)
            if len(self.headers) > MAX_HEADERS:  # trailers
                self._refuse(431)
        elif self.latest is None or self.latest.response_complete:
            self._expect(HEAD_SECONDS)

    def on_message_begin(self) -> None:
        """Name the client's certificate, where the connection has one, and who remembers a refusal."""
        super().on_message_begin()
        self.scope["client_certificate"] = self._certificate  # type: ignore[typeddict-unknown-key]
        self.scope["hold"] = self._remember  # type: ignore[typeddict-unknown-key]

    def on_headers_complete(self) -> None:
        """Begin the body, unless the head is too large."""
        if len(self.headers) > MAX_HEADERS or (self._sent > MAX_HEAD_BYTES and self._head_bytes() > MAX_HEAD_BYTES):
            self._too_large = True
            raise InputError("the head of the request is too large")  # the parser ends in send_400_response
        given = dict(self.headers)
        if self._is_ambiguous(given):
            raise InputError("the request can be understood in two ways")
        if len(self.pipeline) >= MAX_PIPELINED:
            raise InputError("too many requests wait")
        self._stop_waiting()
        self._in_head, self._sent = False, 0
        self._is_held = self._hold is not None and self._holds(self._hold, given)
        if not self._is_held:
            super().on_headers_complete()
        if self._ending:
            self.cycle.keep_alive = False
        self.headers = []  # trailers come here, and not among the headers of a request that was let in

    def on_message_complete(self) -> None:
        """Begin the next head; who was refused a moment ago, is again."""
        self._stop_waiting()
        super().on_message_complete()
        self._in_head, self._sent = True, 0
        if self._is_held and self._hold is not None:
            self._hold.tell()
            self.transport.write(self._hold.message)
            self.on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or too much of it, with a problem."""
        self._refuse(431 if self._too_large else 400)

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the client to read the last answer."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._expect_reading()
        elif self.pipeline:
            self.flow.pause_reading()  # uvicorn would read on, and have them all in memory

    def timeout_keep_alive_handler(self) -> None:
        """End a connection that is no longer used."""
        self._close()

    def pause_writing(self) -> None:
        """Give a client that is slow to read some time."""
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        super().resume_writing()
        self._was_read()

    def shutdown(self) -> None:
        """End the connection after the request that is under way, or on its way: closed at once, that would be lost."""
        self._ending = True
        if self.latest is not None and not self.latest.response_complete:
            super().shutdown()
        else:
            self.loop.call_later(LAST_SECONDS, self._close_if_idle)

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _remember(self, hold: Hold) -> None:
        self._hold = hold

    def _holds(self, hold: Hold, given: Mapping[bytes, bytes]) -> bool:
        """Whether the request is answered here: alone on its connection, and like the one that was refused."""
        if not hold.covers(given.get(b"authorization"), monotonic()):
            return False
        if not self.cycle.response_complete or self._ending or self.expect_100_continue:
            return False
        goes_on = self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1"
        return goes_on and self.parser.get_method() != b"HEAD"

    def _is_ambiguous(self, given: Mapping[bytes, bytes]) -> bool:
        """Whether the head says what another reader of it could take for something else."""
        url = self.url
        if b"%" in url and (b"%2f" in url or b"%2F" in url or b"%5c" in url or b"%5C" in url):
            return True
        version, coding = self.parser.get_http_version(), given.get(b"transfer-encoding")
        if version != "1.1":  # the parser also takes 0.9, which is no version at all, and 2.0
            return version != "1.0" or coding is not None  # RFC 9112, section 6.1
        return b"host" not in given or (coding is not None and coding.lower() != b"chunked")  # sections 3.2 and 6.1

    def _expect(self, seconds: float) -> None:
        """End the connection unless the head, or the body, that is under way is complete in time."""
        if self._too_late is None:
            self._too_late = self.loop.call_later(seconds, self._refuse, 408)

    def _stop_waiting(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None

    def _expect_reading(self) -> None:
        """Cut the connection unless what was written has been read in time."""
        if self._unread is None:
            self._unread = self.loop.call_later(ANSWER_SECONDS, self.transport.abort)

    def _was_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _close(self) -> None:
        """End the connection once everything was read, or was not in time."""
        self.transport.close()
        self._expect_reading()

    def _close_if_idle(self) -> None:
        if self.latest is None or self.latest.response_complete:
            self._close()

    def _asked_before(self) -> RequestResponseCycle | None:
        """Last request that is still to be answered before the one that is being read, whose place in line is lost."""
        if not self._in_head:
            if self.pipeline:
                self.pipeline.popleft()
            elif self.running is self.latest:
                return None
        last = self.pipeline[0][0] if self.pipeline else self.running
        return None if last is None or last.response_complete else last

    def _refuse(self, status: int) -> None:
        """End the connection, with a problem where no answer is under way; what was asked before is answered first."""
        before = self._asked_before()
        if before is not None:
            before.keep_alive = False
            self._is_deaf = True
            self.flow.pause_reading()
            return
        if self.latest is None or self.latest.response_complete or not self.latest.response_started:
            body = problem_document(status)
            head = f"content-type: {PROBLEM_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head.encode() + body)
        self._close()


def _fingerprint(transport: asyncio.Transport) -> str | None:
    """SHA-256 of the client's certificate, which TLS has verified, in hexadecimal digits; None where there is none."""
    tls = transport.get_extra_info("ssl_object")
    certificate: bytes | None = tls.getpeercert(binary_form=True) if tls is not None else None
    return hashlib.sha256(certificate).hexdigest() if certificate else None
