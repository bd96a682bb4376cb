"""The types of ASGI (version 3.0), as far as the gateway speaks it: no framework stands between it and the server."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
"""What a connection is about: its type, and for a request the method, the path, the headers and the client."""
Message: TypeAlias = MutableMapping[str, Any]
"""An event of the connection, such as ``http.request`` or ``http.response.start``."""
Receive: TypeAlias = Callable[[], Awaitable[Message]]
"""Waits for the next event from the server."""
Send: TypeAlias = Callable[[Message], Awaitable[None]]
"""Hands the server an event."""
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
"""What a server calls once when it starts and ends, and once for each request."""
