"""A gateway on real sockets in this very process, so that a test has its clock in the hand."""

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kits.running_gateway import row_body
from secmlops.gateway.listening import listen, port_of
from secmlops.gateway.serve import Address, prepare_serving
from secmlops.workspace import Workspace


@dataclass
class Clock:
    """The true time, and how far it has jumped."""

    jumped: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.jumped


@dataclass
class GatewayHere:
    """A gateway in a thread of this process."""

    workspace: Workspace
    clock: Clock
    port: int

    def ask(self, key: str) -> tuple[int, dict[str, str], dict[str, Any]]:
        """Status, headers and JSON of the answer to a request of one row."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            headers = {"Authorization": f"Bearer {key}"}
            connection.request("POST", "/v2/models/small/infer", row_body(), headers)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return response.status, told, json.loads(response.read())


@contextlib.contextmanager
def serving_here(project: Path) -> Iterator[GatewayHere]:
    """Serve the project's latest release, until the block ends."""
    clock = Clock()
    workspace = Workspace(project, clock)
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(one) for one in listen("127.0.0.1", 0)]
        address = Address("127.0.0.1", port_of(sockets), None)
        server = prepare_serving(workspace, None, address).server
        started = threading.Event()
        server.tell(started.set)
        thread = threading.Thread(target=server.run, args=(sockets,))
        thread.start()
        try:
            assert started.wait(30)
            yield GatewayHere(workspace, clock, address.port)
        finally:
            server.should_exit = True
            thread.join(30)
            workspace.traffic.close()
            workspace.ledger.close()
