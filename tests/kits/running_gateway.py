"""A gateway in a process of its own, on loopback and in clear, over a copy of the small project."""

import contextlib
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from secmlops.access.keys import Narrowing
from secmlops.workspace import Workspace

_SERVE = "import sys; from secmlops.cli.main import main; main(['serve', '--port', '0', *sys.argv[1:]])"
_ROW = {"monthly_income": 2500.0, "loan_amount": 9000.0, "open_loans": 1, "purpose": "car"}
UNBOUNDED = "limits: {rate: 1e9, burst: 1000000000, address_rate: 1e9, address_burst: 1000000000}"


def write_settings(project: Path, settings: str) -> None:
    """Replace the section ``serving`` of the project file."""
    file = project / "secmlops.yaml"
    text = re.sub(r"^serving:.*$", f"serving: {{host: 127.0.0.1, {settings}}}", file.read_text(), flags=re.MULTILINE)
    file.write_text(text)


def row_body(**values: float | str) -> bytes:
    """Body of a request of one row."""
    tensors = [
        {"name": name, "shape": [1], "datatype": "BYTES" if isinstance(value, str) else "FP64", "data": [value]}
        for name, value in {**_ROW, **values}.items()
    ]
    return json.dumps({"inputs": tensors}).encode()


@dataclass
class RunningGateway:
    """A serving process and a key for it."""

    process: subprocess.Popen[bytes]
    project: Path
    port: int
    key: str
    log: Path
    path = "/v2/models/small/infer"

    def request(self, body: bytes | None = None, more: str = "", path: str = "", key: str | None = None) -> bytes:
        """Bytes of a request for a prediction."""
        sent = row_body() if body is None else body
        head = f"POST {path or self.path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key or self.key}\r\n{more}"
        return f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent

    def connect(self, source: str = "127.0.0.1", seconds: float = 20.0) -> socket.socket:
        """Connection from an address of this machine."""
        return socket.create_connection(("127.0.0.1", self.port), seconds, source_address=(source, 0))

    def talk(self, sent: bytes, source: str = "127.0.0.1") -> bytes:
        """Everything that comes back until the server closes; ask for that with ``Connection: close``."""
        with self.connect(source) as connection, contextlib.suppress(ConnectionResetError):
            connection.sendall(sent)
            return b"".join(iter(lambda: connection.recv(65536), b""))
        return b""

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Exit code after a word to stop."""
        self.process.send_signal(sign)
        return self.process.wait(30)

    def ask(self, body: bytes | None = None, path: str = "", key: str | None = None) -> tuple[int, dict[str, Any]]:
        """Status and JSON of the answer to one request, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            headers = {"Authorization": f"Bearer {key or self.key}"}
            connection.request("POST", path or self.path, row_body() if body is None else body, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def within(self, seconds: float, status: int, key: str, path: str = "") -> float:
        """Seconds until a request with the key gets the status, which it must before so many have passed."""
        begun = time.monotonic()
        while (found := self.ask(key=key, path=path)[0]) != status:
            assert time.monotonic() - begun < seconds, f"still {found}"
            time.sleep(0.02)
        return time.monotonic() - begun


def statuses(answered: bytes) -> list[int]:
    """Statuses of the responses, in their order."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answered)]


@contextlib.contextmanager
def running(project: Path, *options: str, scopes: Sequence[str] = ("*",)) -> Iterator[RunningGateway]:
    """Serve the project's release; the process is killed at the end where it still runs."""
    workspace = Workspace(project)
    wanted = Narrowing(scopes=tuple(scopes), lifetime=timedelta(hours=1))
    key, _ = workspace.administration.grant_anyone("tester", wanted)
    log = project / "serving.log"
    with log.open("wb") as stream:
        command = [sys.executable, "-c", _SERVE, "-C", str(project), "--insecure-no-tls", *options]
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        yield RunningGateway(process, project, _port_of(process, log), key, log)
    finally:
        process.kill()
        process.wait(10)
        workspace.ledger.close()


def _port_of(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"^serving: .*:(\d+)/v2", log.read_text(), re.MULTILINE)
        if found:
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(f"the gateway did not start: {log.read_text()}")
