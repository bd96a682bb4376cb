"""What the gateway costs: one-row predictions of 20 features, beside servers of the same model without any safeguard.

Prints a table: median and 99th percentile of the latency, requests per second, CPU time of the server per request, its
memory, and time against ours. Ours authenticates, validates, commits to the request and has every prediction on disk in
the signed ledger before it answers; the peers just answer. Every server is a process of its own with one worker, in
clear on loopback; connections stay open. The rounds go in turns, so that a busy moment hits all alike, and the median
round counts. The environment of FastAPI is made on the first run, under ``benchmarks/.env-gateway``.

    python benchmarks/gateway.py --requests 2000 --rounds 3
"""

import argparse
import contextlib
import importlib.metadata
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from secmlops.access.keys import Narrowing
from secmlops.access.permissions import Action
from secmlops.core.control import Control
from secmlops.core.evidence import Evidence
from secmlops.release.names import MODEL_FILE
from secmlops.workspace import Workspace

sys.path.insert(0, str(Path(__file__).parent))
from load import Load, run_load

HERE = Path(__file__).parent
ENVIRONMENT = HERE / ".env-gateway"
FEATURES = 20
ROWS = 2_000
CONNECTIONS = (1, 16)
TICKS = os.sysconf("SC_CLK_TCK")
SERVE = "import sys; from secmlops.cli.main import main; main(sys.argv[1:])"
PROJECT = """\
secmlops: 1
name: bench
task: binary_classification
data: {source: table.csv, label: y, positive: 1}
training: {model: logistic_regression, sandbox: {accept: [no-network-isolation, no-landlock, no-seccomp, no-limits]}}
"""


@dataclass(frozen=True)
class Server:
    """A running server: its process, its port and the bytes of a request to it."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    request: bytes


@dataclass(frozen=True)
class Round:
    """One round of load on one server: CPU in microseconds per request, memory in MB."""

    load: Load
    cpu: float
    memory: float


class _Silence:
    def started(self, control: Control[Any], /) -> None:
        """Nothing is told."""

    def finished(self, evidence: Evidence, reused: bool, /) -> None:
        """Nothing is told."""


def make_release(folder: Path) -> Workspace:
    """Project of a table of random numbers, taken to a signed release."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(ROWS, FEATURES))
    label = (values @ rng.normal(size=FEATURES) + rng.normal(size=ROWS) > 0).astype(int)
    header = ",".join([*(f"x{i}" for i in range(FEATURES)), "y"])
    np.savetxt(folder / "table.csv", np.column_stack([values, label]), "%.5f", ",", header=header, comments="")
    text = (folder / "table.csv").read_text().replace(".00000\n", "\n")
    (folder / "table.csv").write_text(text)
    (folder / "secmlops.yaml").write_text(PROJECT)
    workspace = Workspace(folder)
    results, published = workspace.run(_Silence())
    if published is None:
        sys.exit(f"no release: {[o.why for o in results[-1].verdict.obstacles]}")
    return workspace


def request(path: str, headers: Sequence[str] = ()) -> bytes:
    row = np.random.default_rng(5).normal(size=FEATURES).round(5)
    tensors = [{"name": f"x{i}", "shape": [1], "datatype": "FP64", "data": [row[i]]} for i in range(FEATURES)]
    body = json.dumps({"inputs": tensors})
    fields = ["Host: localhost", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([f"POST {path} HTTP/1.1", *fields, "", body]).encode()


@contextlib.contextmanager
def ours(workspace: Workspace, log: Path) -> Iterator[Server]:
    key, _ = workspace.administration.grant_anyone(
        "benchmark", Narrowing(scopes=(Action.PREDICT,), lifetime=timedelta(hours=1))
    )
    sent = request("/v2/models/bench/infer", [f"Authorization: Bearer {key}"])
    arguments = ["serve", "-C", str(workspace.folder), "--port", "0", "--insecure-no-tls"]
    with running([sys.executable, "-c", SERVE, *arguments], log) as process:
        found = None
        while not (found := re.search(r"^serving: .*:(\d+)/v2", log.read_text(), re.MULTILINE)):
            check_alive(process, log)
        yield answering(Server("secmlops gateway", process, int(found[1]), sent), log)


@contextlib.contextmanager
def peer(name: str, python: Path, script: str, arguments: Sequence[str], log: Path) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running([str(python), str(HERE / "peers" / script), str(port), *arguments], log) as process:
        yield answering(Server(name, process, port, request("/infer")), log)


@contextlib.contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def answering(server: Server, log: Path) -> Server:
    """Return the server once it listens and has answered some requests."""
    while True:
        check_alive(server.process, log)
        with contextlib.suppress(ConnectionRefusedError):
            run_load(server.port, server.request, 4, 200)
            return server


def check_alive(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.poll() is not None:
        sys.exit(f"a server ended: {log.read_text()[-2000:]}")
    time.sleep(0.1)


def private_python() -> Path:
    """Interpreter of the environment with FastAPI and the scikit-learn and uvicorn that are used here."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        (ENVIRONMENT / ".gitignore").write_text("*\n")
        same = [f"{p}=={importlib.metadata.version(p)}" for p in ("scikit-learn", "uvicorn", "uvloop", "httptools")]
        subprocess.run([python, "-m", "pip", "install", "--quiet", "fastapi", *same], check=True)
    return python


def measure(server: Server, connections: int, requests: int) -> Round:
    before = cpu_seconds(server.process.pid)
    load = run_load(server.port, server.request, connections, requests)
    spent = cpu_seconds(server.process.pid) - before
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    resident = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return Round(load, spent / requests * 1e6, int(resident[1]) / 1e3 if resident else float("nan"))


def cpu_seconds(pid: int) -> float:
    """User and system time of the process, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def table(rounds: dict[tuple[str, int], list[Round]]) -> Table:
    shown = Table(title=f"One row of {FEATURES} features, one worker, {os.cpu_count()} cores")
    shown.add_column("server", no_wrap=True)
    for name in ("conn.", "median ms", "p99 ms", "x ours", "req/s", "CPU µs", "x ours", "MB"):
        shown.add_column(name, justify="right")
    first = next(iter(rounds))[0]
    for (name, connections), measured in rounds.items():
        ours_too = rounds[first, connections]
        latency, cpu = typical(measured, 0.5), statistics.median(r.cpu for r in measured)
        cells = [f"{latency:.2f}", f"{typical(measured, 0.99):.2f}", f"{latency / typical(ours_too, 0.5):.2f}"]
        cells += [f"{statistics.median(r.load.rate for r in measured):,.0f}", f"{cpu:,.0f}"]
        cells += [f"{cpu / statistics.median(r.cpu for r in ours_too):.2f}", f"{measured[-1].memory:,.0f}"]
        shown.add_row(name, str(connections), *cells)
    return shown


def typical(measured: Sequence[Round], share: float) -> float:
    """Median over the rounds of a quantile of the latency, milliseconds."""
    return statistics.median(r.load.quantile(share) for r in measured)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=2000, help="requests of a round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds for each server and number of connections")
    chosen = parser.parse_args()
    python = private_python()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        os.environ["SECMLOPS_KEYS"] = str(folder / "keys")
        (folder / "project").mkdir()
        workspace = make_release(folder / "project")
        model = folder / MODEL_FILE
        model.write_bytes(workspace.opened(workspace.release())[MODEL_FILE])
        data = [str(workspace.folder / "table.csv")]
        here, onnx = Path(sys.executable), [str(model), str(FEATURES)]
        servers = [
            stack.enter_context(ours(workspace, folder / "ours.log")),
            stack.enter_context(peer("Starlette, ONNX Runtime", here, "starlette_onnx.py", onnx, folder / "s.log")),
            stack.enter_context(peer("FastAPI, scikit-learn", python, "fastapi_sklearn.py", data, folder / "f.log")),
        ]
        rounds: dict[tuple[str, int], list[Round]] = {(s.name, n): [] for n in CONNECTIONS for s in servers}
        for _ in range(chosen.rounds):
            for connections in CONNECTIONS:
                for server in servers:
                    rounds[server.name, connections].append(measure(server, connections, chosen.requests))
    Console(width=100).print(table(rounds))


if __name__ == "__main__":
    main()
