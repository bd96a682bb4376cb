"""One request and its response, as the gateway's handlers see them: plain values, made from ASGI messages and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from secmlops.access.identity import Identity
from secmlops.gateway.asgi import Send

Headers = tuple[tuple[bytes, bytes], ...]
MAX_BODY_BYTES = 4 * 2**20
"""The largest body of a request, before and after it was unpacked."""


@dataclass(slots=True)
class Request:
    """What came in and was let in. ``headers`` are lower-case; ``parameters`` are the parts that the path names."""

    method: str
    path: str
    headers: Mapping[bytes, bytes]
    address: str
    identity: Identity | None = None
    body: bytes = b""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def header(self, name: bytes) -> str:
        """Value of a header, the empty text when it is not there."""
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def caller(self) -> Identity:
        """Who asks, on a route that is not open to everyone."""
        if self.identity is None:
            raise RuntimeError(f"{self.method} {self.path} was reached without an identity")
        return self.identity


@dataclass(frozen=True, slots=True)
class Response:
    """What goes out: a status, headers beyond the length, and the whole body."""

    status: int
    headers: Headers
    body: bytes

    def with_header(self, name: bytes, value: bytes) -> "Response":
        """Return the same with one header more."""
        return Response(self.status, (*self.headers, (name, value)), self.body)

    async def send(self, send: Send) -> None:
        """Write it out."""
        length = (b"content-length", b"%d" % len(self.body))
        await send({"type": "http.response.start", "status": self.status, "headers": [*self.headers, length]})
        await send({"type": "http.response.body", "body": self.body})


class Refused(Exception):  # noqa: N818  # no error of ours: the answer to a request that is turned away
    """A request is turned away with a problem of this status; raised by the door and by handlers.

    For ``stands_s`` seconds every other request with the same credentials would be turned away, too.
    """

    def __init__(self, status: int, detail: str = "", headers: Headers = (), stands_s: float = 0.0) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.stands_s = stands_s
