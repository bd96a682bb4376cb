"""What a guarded prediction costs: the gateway beside itself without guards, bare echoes, and other servers.

One row of 20 features, one worker, in clear on loopback, over connections that stay open, 1 and 16. Ours does all of it
for each request: rights, limits, validation, anomaly guard, client watch, signed record. The peers just answer. The
rounds go in turns, so that a busy moment hits all alike, and the median round counts; CPU and memory are those of the
server with all its processes. Peers live in ``benchmarks/.env-*``, made on the first run.

    python benchmarks/serving.py                 # everything: some 15 minutes
    python benchmarks/serving.py --quick         # no heavy peers, few requests
    python benchmarks/serving.py --soak 200000   # memory of our server under that many requests
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime as ort
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

import peers.forms as ask
from bar import table_of
from load import ANY_STATUS, Load, Order, run_load
from peers import gateways
from peers.bars import DURABLE, OURS, REFUSED_KEY, REFUSED_RATE, Figures, Key, bars
from peers.catalogue import BARE, ECHOES, FOREST, LOGISTIC, NO_MODEL, RAW_ECHO, WITH_MODEL, Peer, Project
from peers.environments import ALL, FASTAPI, OWN, STARLETTE, NotInstalledError
from peers.processes import ServerEndedError, cpu_seconds, free_port, memory_mb, running, wait_for_answer
from secmlops.workspace import Workspace

CONNECTIONS = (1, 16)
ENOUGH = 20_000
"""Requests a second that the load client alone should do, or it is what is measured."""
SOAK_STEP = 20_000
DIFFERENT_ROWS = 256
SHOWN = {LOGISTIC: "logistic regression", FOREST: "100-tree forest", NO_MODEL: "none"}
NAMED = "secmlops, audit async, a tensor per feature"
console = Console(width=180)


@dataclass(frozen=True)
class Server:
    """A running server, and the file of requests that it gets."""

    name: str
    kind: str
    process: subprocess.Popen[bytes]
    port: int
    requests: Path
    status: int = 200


@dataclass(frozen=True)
class Round:
    """One round of load on one server."""

    load: Load
    cpu: float
    memory: float


@dataclass
class Comparison:
    """Everything that is set up and measured in one run."""

    folder: Path
    quick: bool
    stack: contextlib.ExitStack
    servers: list[Server] = field(default_factory=list)
    missing: dict[tuple[str, str], str] = field(default_factory=dict)
    rounds: dict[tuple[Server, int], list[Round]] = field(default_factory=dict)
    start: float = float("nan")

    def own(self, workspace: Workspace, project: Project) -> None:
        """Start the gateway in its set-ups; how long the first takes to its first answer is measured alone."""
        place, kind = self.folder / f"ours-{project.kind}", project.kind
        key = gateways.grant_key(workspace)
        port = self._gateway(place, workspace, gateways.ASYNC, key, project)
        self._add(OURS, kind, port, key_requests(place / "tensor", project, key))
        if kind == LOGISTIC:
            self._add(NAMED, kind, port, key_requests(place / "named", project, key, ask.named_tensors))
            durable = self.folder / "durable"
            port = self._gateway(durable, workspace, gateways.DURABLE, key, project)
            self._add(DURABLE, kind, port, key_requests(durable / "tensor", project, key))
            limited = self.folder / "limited"
            port = self._gateway(limited, workspace, gateways.LIMITED, key, project)
            self._add(REFUSED_RATE, kind, port, key_requests(limited / "limit", project, key), 429)
            self._add(REFUSED_KEY, kind, port, key_requests(limited / "key", project, key[:-4] + "AAAA"), 401)

    def _gateway(
        self, place: Path, workspace: Workspace, settings: str, key: str, project: Project
    ) -> tuple[subprocess.Popen[bytes], int]:
        begin = time.monotonic()
        command = gateways.command(workspace, settings, place)
        process = self.stack.enter_context(running(command, place))
        port = gateways.port_told(process, place)
        request = key_request(project, key)
        wait_for_answer(process, port, request, place)
        if self.start != self.start:
            self.start = time.monotonic() - begin
        return process, port

    def peer(self, peer: Peer, project: Project, kind: str) -> None:
        """Start a peer; why that fails is kept for the table."""
        place = self.folder / f"{Path(peer.script).stem}-{kind}"
        requests = [ask.http(peer.path, peer.form, row) for row in some_rows(project)]
        try:
            port = free_port()
            process = self.stack.enter_context(running(peer.command(port, project), place))
            wait_for_answer(process, port, requests[0], place)
        except NotInstalledError as error:
            self.missing[peer.name, kind] = f"not installed: {error}"
        except ServerEndedError as error:
            self.missing[peer.name, kind] = f"does not run here: {str(error).strip().splitlines()[-1]}"
        else:
            self._add(peer.name, kind, (process, port), ask.write_requests(place / "requests.json", requests))

    def _add(
        self, name: str, kind: str, where: tuple[subprocess.Popen[bytes], int], requests: Path, status: int = 200
    ) -> None:
        process, port = where
        server = Server(name, kind, process, port, requests, status)
        run_load(Order(port, requests, 4, 1.0, 200, ANY_STATUS))
        self.servers.append(server)
        console.print(f"  {name} ({SHOWN[kind]}) answers", style="dim")

    def measure(self, rounds: int, seconds: float) -> None:
        """Put load on all servers in turns."""
        for _ in range(rounds):
            for connections in CONNECTIONS:
                for server in list(self.servers):
                    try:
                        measured = one_round(server, connections, seconds)
                    except RuntimeError as error:
                        self._fail(server, error)
                    else:
                        self.rounds.setdefault((server, connections), []).append(measured)

    def _fail(self, server: Server, error: RuntimeError) -> None:
        """Leave out a peer that breaks under load; it says so in the table. Ours must not."""
        if server.name.startswith("secmlops"):
            raise error
        self.servers.remove(server)
        self.missing[server.name, server.kind] = f"breaks under load: {error}"
        self.rounds = {key: rounds for key, rounds in self.rounds.items() if key[0] != server}

    def figures(self) -> dict[Key, Figures]:
        """Median round of each server."""
        return {(s.name, s.kind, n): typical(measured) for (s, n), measured in self.rounds.items()}


def one_round(server: Server, connections: int, seconds: float) -> Round:
    """Put load on a server; raises RuntimeError when it gives another answer than it should."""
    before = cpu_seconds(server.process.pid)
    load = run_load(Order(server.port, server.requests, connections, seconds, status=server.status))
    spent = (cpu_seconds(server.process.pid) - before) / load.answers * 1e6
    return Round(load, spent, memory_mb(server.process.pid))


def chosen_peers(kind: str, quick: bool) -> Iterator[Peer]:
    """Echoes, and servers of this kind of model; of the forest only our own in a quick run."""
    if kind == LOGISTIC:
        yield from ECHOES
    yield from [peer for peer in WITH_MODEL if not quick or not (peer.heavy or (kind == FOREST and peer is not BARE))]


def some_rows(project: Project) -> list[list[float]]:
    """Rows of the table that the model was trained on."""
    values = np.loadtxt(project.table, delimiter=",", skiprows=1, max_rows=DIFFERENT_ROWS)
    rows: list[list[float]] = values[:, :-1].tolist()
    return rows


def key_request(project: Project, key: str) -> bytes:
    """One request to the gateway."""
    return ask.http(gateways.INFER, ask.tensor, some_rows(project)[0], [f"Authorization: Bearer {key}"])


def key_requests(path: Path, project: Project, key: str, form: ask.Form = ask.tensor) -> Path:
    """File of requests to the gateway."""
    sent = [f"Authorization: Bearer {key}"]
    return ask.write_requests(path, [ask.http(gateways.INFER, form, row, sent) for row in some_rows(project)])


def typical(measured: Sequence[Round]) -> Figures:
    """Median over the rounds of each figure."""
    return Figures(
        statistics.median(r.load.median for r in measured),
        statistics.median(r.load.p99 for r in measured),
        statistics.median(r.load.rate for r in measured),
        statistics.median(r.cpu for r in measured),
        measured[-1].memory,
    )


def bare_call(project: Project) -> float:
    """CPU microseconds of one call of the model in ONNX Runtime on one row and one thread, median of seven."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(project.model.read_bytes(), options, providers=["CPUExecutionProvider"])
    row = np.array(some_rows(project)[:1], np.float32)
    times, calls = [], 1000
    for _ in range(7):
        begin = time.process_time()
        for _ in range(calls):
            session.run(["probabilities"], {"numeric": row})
        times.append((time.process_time() - begin) / calls * 1e6)
    return statistics.median(times)


def table(comparison: Comparison, figures: dict[Key, Figures]) -> Table:
    shown = Table(box=MARKDOWN)
    shown.add_column("server", no_wrap=True)
    shown.add_column("model", no_wrap=True)
    for name in (
        "connections",
        "median ms",
        "p99 ms",
        "requests/s",
        "CPU µs",
        "MB",
        "latency, of ours",
        "CPU, of ours",
    ):
        shown.add_column(name, justify="right")
    for connections in CONNECTIONS:
        for (name, kind, n), row in figures.items():
            if n == connections:
                ours = figures[OURS, kind if kind == FOREST else LOGISTIC, n]
                cells = [f"{row.median:.2f}", f"{row.p99:.2f}", f"{row.rate:,.0f}", f"{row.cpu:,.0f}"]
                cells += [f"{row.memory:,.0f}", f"{row.median / ours.median:.2f}", f"{row.cpu / ours.cpu:.2f}"]
                shown.add_row(name, SHOWN[kind], str(n), *cells)
    for name, kind in comparison.missing:
        shown.add_row(name, SHOWN[kind], *["-"] * 8)
    return shown


def compare(folder: Path, quick: bool, rounds: int, seconds: float) -> None:
    with contextlib.ExitStack() as stack:
        comparison = Comparison(folder, quick, stack)
        workspaces, calls = [], {}
        for kind in (LOGISTIC, FOREST):
            workspace, project = gateways.make_release(folder / kind, kind)
            workspaces.append(workspace)
            calls[kind] = bare_call(project)
            comparison.own(workspace, project)
            for peer in chosen_peers(kind, quick):
                comparison.peer(peer, project, NO_MODEL if peer in ECHOES else kind)
        comparison.measure(rounds, seconds)
        events = [event for workspace in workspaces for event in gateways.told_events(workspace)]
    figures = comparison.figures()
    console.print(f"\nOne row of {gateways.FEATURES} features, one worker, {rounds} rounds of {seconds:g} s in turns\n")
    console.print(table(comparison, figures))
    why = [f"{name} ({SHOWN[kind]}): {reason}" for (name, kind), reason in comparison.missing.items()]
    for line in (*why, *captions(figures, calls, events, quick)):
        console.print(line, highlight=False, soft_wrap=True)
    console.print(table_of(bars(figures, calls[FOREST], comparison.start)))
    if quick:
        console.print("\nleft out of a quick run: MLflow, BentoML, MLServer, LitServe, and other servers of the forest")


def captions(
    figures: dict[Key, Figures], calls: dict[str, float], events: list[dict[str, int]], quick: bool
) -> Iterator[str]:
    """What a reader must know of the table."""
    yield f"\n{os.cpu_count()} cores, shared by the server and the load client, a process of its own."
    alone = figures[RAW_ECHO.name, NO_MODEL, 16].rate
    enough = "not what is measured" if alone > ENOUGH else "a part of what is measured: the machine was busy"
    yield f"The load client alone does {alone:,.0f} requests/s against the raw echo: {enough}."
    told = ", ".join(f"{SHOWN[kind]} {call:.1f}" for kind, call in calls.items())
    yield f"One bare call of ONNX Runtime, CPU µs: {told}."
    for environment in (OWN, STARLETTE, FASTAPI) if quick else ALL:
        with contextlib.suppress(NotInstalledError, subprocess.CalledProcessError):
            yield f"Environment {environment.name}: {environment.versions()}."
    yield "A 401 ends its connection: what it costs includes a new one for each request."
    yield from counted(events)
    yield ""


def counted(events: list[dict[str, int]]) -> Iterator[str]:
    """What our gateways noticed: rows the guard flagged, alarms, queries the watch had to pass over."""
    for event in events:
        noticed = ", ".join(f"{name} {times:,}" for name, times in event.items())
        yield f"A gateway of ours counted beside its answers: {noticed or 'nothing'}."


def soak(folder: Path, requests: int) -> None:
    """Send many requests to the fully guarded gateway, and tell its memory on the way."""
    workspace, project = gateways.make_release(folder / LOGISTIC, LOGISTIC)
    key = gateways.grant_key(workspace)
    place = folder / "soak"
    shown = Table("requests", "MB", "requests/s", "p99 ms", box=MARKDOWN)
    with running(gateways.command(workspace, gateways.ASYNC, place), place) as process:
        port = gateways.port_told(process, place)
        wait_for_answer(process, port, key_request(project, key), place)
        file = key_requests(place / "requests.json", project, key)
        shown.add_row("1", f"{memory_mb(process.pid):.1f}", "", "")
        measured = []
        for sent in range(SOAK_STEP, requests + 1, SOAK_STEP):
            load = run_load(Order(port, file, 16, 3600.0, SOAK_STEP))
            measured.append(memory_mb(process.pid))
            shown.add_row(f"{sent:,}", f"{measured[-1]:.1f}", f"{load.rate:,.0f}", f"{load.p99:.2f}")
        events = gateways.told_events(workspace)
    console.print(shown)
    for line in (growth(measured), *counted(events)):
        console.print(line, highlight=False, soft_wrap=True)


def growth(measured: Sequence[float]) -> str:
    """Whether memory, in MB after each step, still grows in the second half."""
    half = measured[len(measured) // 2 :]
    if len(half) < 3:
        return "too few requests to tell whether memory is flat"
    slope = float(np.polyfit(np.arange(len(half)), half, 1)[0]) / SOAK_STEP * 1e5
    return f"memory in the second half: {slope:+.1f} MB per 100,000 requests (least squares)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="no heavy peers, short rounds")
    parser.add_argument("--rounds", type=int, help="rounds of each server and number of connections")
    parser.add_argument("--seconds", type=float, help="length of a round")
    parser.add_argument("--soak", type=int, metavar="REQUESTS", help="memory of our server under so many requests")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["SECMLOPS_KEYS"] = str(Path(name) / "keys")
        if chosen.soak:
            soak(Path(name), chosen.soak)
        else:
            rounds = chosen.rounds or (3 if chosen.quick else 5)
            seconds = chosen.seconds or (0.5 if chosen.quick else 1.5)
            compare(Path(name), chosen.quick, rounds, seconds)


if __name__ == "__main__":
    main()
