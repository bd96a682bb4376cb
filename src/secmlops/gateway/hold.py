"""A refusal that stands for a moment: who asks again too soon on the same connection gets the same bytes, and no task.

A refused request must cost far less than an answered one, or a flood of them would still be an attack.
"""

from collections.abc import Callable
from typing import NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from secmlops.gateway.exchange import Response

LONGEST_S = 1.0
"""How long a refusal stands at most, in seconds: limits may be raised meanwhile."""


class Hold(NamedTuple):
    """Who gives these ``credentials`` (the header, or None) is refused ``until`` a moment; ``tell`` counts each time.

    Moments are seconds that only grow, those of ``time.monotonic``.
    """

    until: float
    credentials: bytes | None
    message: bytes
    tell: Callable[[], None]

    def covers(self, credentials: bytes | None, now: float) -> bool:
        """Whether a request with these credentials is refused."""
        return now < self.until and credentials == self.credentials


def message_of(response: Response) -> bytes:
    """Whole response as it goes over the wire."""
    headers = (*response.headers, (b"content-length", b"%d" % len(response.body)))
    head = b"".join(b"%s: %s\r\n" % header for header in headers)
    return b"%s%s\r\n%s" % (STATUS_LINE[response.status], head, response.body)
