"""The usual answer goes out as one piece: its head is written once a second, and not header by header with each."""

from collections.abc import Sequence

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from secmlops.gateway.exchange import Headers, Response
from secmlops.gateway.responses import USUAL_HEADERS


class UsualHead:
    """Writes answers with status 200 and the headers of JSON, behind those that the server gives to all (``Date``)."""

    def __init__(self) -> None:
        self._of_all: Sequence[tuple[bytes, bytes]] | None = None
        self._head = b""

    @staticmethod
    def suits(response: Response) -> bool:
        """Whether it is one of these."""
        return response.headers is USUAL_HEADERS and response.status == 200

    def message(self, response: Response, of_all: Sequence[tuple[bytes, bytes]]) -> bytes:
        """Whole response as it goes over the wire; ``of_all`` is another object whenever it changes."""
        if of_all is not self._of_all:
            self._head = STATUS_LINE[200] + _lines((*of_all, *USUAL_HEADERS)) + b"content-length: "
            self._of_all = of_all
        return b"%s%d\r\n\r\n%s" % (self._head, len(response.body), response.body)


def _lines(headers: Headers) -> bytes:
    return b"".join(b"%s: %s\r\n" % header for header in headers)
