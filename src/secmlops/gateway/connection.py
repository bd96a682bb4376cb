"""One connection: uvicorn's HTTP/1.1 protocol with the bounds that it lacks, in bytes, headers and seconds.

Without them a stranger could fill the memory with a header that never ends, or hold every connection open by sending
nothing (RFC 9110, section 17, and RFC 9112, section 11, leave such limits to the server).
"""

import asyncio
import hashlib
from asyncio.events import TimerHandle

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from secmlops.core.errors import InputError
from secmlops.gateway.exchange import MAX_BODY_BYTES
from secmlops.gateway.responses import PROBLEM_TYPE, problem_document

MAX_HEAD_BYTES = 32 * 2**10
MAX_HEADERS = 64
HEAD_SECONDS = 10.0
BODY_SECONDS = 10.0
MAX_SENT_BYTES = 4 * MAX_BODY_BYTES
"""What the body of one message may take on the wire, with the sizes of its chunks and its trailers."""


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 that answers 431 to a head that is too large, and 408 to one that does not come in time."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start waiting for the head of the first request."""
        super().connection_made(transport)
        self._in_head = True
        self._sent = 0
        self._too_large = False
        self._too_late: TimerHandle | None = None
        self._certificate = _fingerprint(transport)
        self._expect(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and end the connection when it is more than a request may have."""
        self._sent += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._sent > (MAX_HEAD_BYTES if self._in_head else MAX_SENT_BYTES):
            self._refuse(431 if self._in_head else 413)
        elif not self._in_head:
            self._expect(BODY_SECONDS)
            if len(self.headers) > MAX_HEADERS:  # trailers
                self._refuse(431)
        elif self._latest is None or self._latest.response_complete:
            self._expect(HEAD_SECONDS)

    def on_message_begin(self) -> None:
        """Name the client's certificate, where the connection has one."""
        super().on_message_begin()
        self.scope["client_certificate"] = self._certificate  # type: ignore[typeddict-unknown-key]

    def on_headers_complete(self) -> None:
        """Begin the body, unless the head is too large."""
        if len(self.headers) > MAX_HEADERS or (self._sent > MAX_HEAD_BYTES and self._head_bytes() > MAX_HEAD_BYTES):
            self._too_large = True
            raise InputError("the head of the request is too large")  # the parser ends in send_400_response
        self._stop_waiting()
        self._in_head, self._sent = False, 0
        super().on_headers_complete()
        self.headers = []  # trailers come here, and not among the headers of a request that was let in

    def on_message_complete(self) -> None:
        """Begin the next head."""
        self._stop_waiting()
        super().on_message_complete()
        self._in_head, self._sent = True, 0

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or too much of it, with a problem."""
        self._refuse(431 if self._too_large else 400)

    @property
    def _latest(self) -> RequestResponseCycle | None:
        return self.cycle  # None before the first request, whatever its annotation says

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _expect(self, seconds: float) -> None:
        """End the connection unless the head, or the body, that is under way is complete in time."""
        if self._too_late is None:
            self._too_late = self.loop.call_later(seconds, self._refuse, 408)

    def _stop_waiting(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None

    def _refuse(self, status: int) -> None:
        """End the connection, with a problem where no answer is under way."""
        if self._latest is None or self._latest.response_complete or not self._latest.response_started:
            body = problem_document(status)
            head = f"content-type: {PROBLEM_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head.encode() + body)
        self.transport.close()


def _fingerprint(transport: asyncio.Transport) -> str | None:
    """SHA-256 of the client's certificate, which TLS has verified, in hexadecimal digits; None where there is none."""
    tls = transport.get_extra_info("ssl_object")
    certificate: bytes | None = tls.getpeercert(binary_form=True) if tls is not None else None
    return hashlib.sha256(certificate).hexdigest() if certificate else None
