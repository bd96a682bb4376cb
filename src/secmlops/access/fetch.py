"""Fetching a small document over HTTPS, with a bound on its size and on the time it takes as a whole."""

import contextlib
import ipaddress
import socket
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Self
from urllib.parse import SplitResult, urlsplit, urlunsplit

from secmlops.core.errors import InputError

MAX_BYTES = 256 * 1024
STEP_SECONDS = 5.0
DEADLINE_SECONDS = 10.0


def check_url(url: str, what: str) -> SplitResult:
    """Return the parts of the URL; raises InputError unless it is https, or http to this very machine."""
    try:
        parts = urlsplit(url)
        _ = parts.port
        plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= 1024
    except ValueError:
        plain = False
    if not plain or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise InputError(f"{what} is no plain URL", hint="for example https://id.example.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise InputError(f"{what} is not https", hint="http is taken only from this very machine (loopback)")
    return parts


def fetch(url: str) -> bytes:
    """Body of the answer to a GET; raises InputError when there is none in time, it is too large, or not a plain 200.

    Redirects are not followed, proxies of the environment not used. The certificate must be one that this machine
    trusts. However slowly the bytes come, it is over after ``DEADLINE_SECONDS``.
    """
    parts = check_url(url, "the address")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=STEP_SECONDS)
    try:
        with _Deadline(connection) as deadline:
            data, missing = _exchange(connection, deadline, urlunsplit(("", "", parts.path or "/", parts.query, "")))
    except (OSError, HTTPException, ValueError) as error:
        raise InputError(f"cannot be fetched: {type(error).__name__}", where=url) from None
    except InputError as error:
        raise InputError(error.what, where=url) from None
    if deadline.passed.is_set():
        raise InputError(f"not complete after {DEADLINE_SECONDS:g} s", where=url)
    if len(data) > MAX_BYTES:
        raise InputError(f"more than {MAX_BYTES} bytes", where=url)
    if missing:
        raise InputError("cut short on the way", where=url)
    return data


class _Deadline:
    """Ends a connection under the hands of whoever waits for it, once ``DEADLINE_SECONDS`` are over."""

    def __init__(self, connection: HTTPConnection) -> None:
        self.passed = threading.Event()
        self.held: socket.socket | None = None
        self._connection = connection
        self._timer = threading.Timer(DEADLINE_SECONDS, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._connection.close()

    def _cut(self) -> None:
        """Shut the socket down by the plain socket's method.

        A TLS socket's own one would also turn encryption off, and what still came would be read as it is.
        """
        self.passed.set()
        held = self.held or self._connection.sock
        if isinstance(held, socket.socket):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(held, socket.SHUT_RDWR)


def _exchange(connection: HTTPConnection, deadline: _Deadline, target: str) -> tuple[bytes, int]:
    """Body of the answer, at most one byte more than the bound, and how many announced bytes are missing."""
    connection.connect()
    deadline.held = connection.sock  # an answer that ends with its connection takes the socket away with it
    connection.request("GET", target, headers={"Accept": "application/json"})
    response = connection.getresponse()
    if response.status != 200:
        raise InputError(f"answered with {response.status}")
    data = response.read(MAX_BYTES + 1)
    return data, response.length or 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
