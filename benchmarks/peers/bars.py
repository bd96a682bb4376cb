"""What the gateway should reach, held against what was measured in the same run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bar import Bar
from peers.catalogue import (
    ASGI_ECHO,
    BARE,
    FASTAPI_ECHO,
    FASTAPI_SKLEARN,
    FOREST,
    HEAVY,
    LOGISTIC,
    NO_MODEL,
)

OURS, DURABLE = "secmlops, audit async", "secmlops, audit durable"
REFUSED_KEY, REFUSED_RATE = "secmlops refuses: no key (401)", "secmlops refuses: over its limit (429)"
MEMORY_MB, START_SECONDS = 120.0, 2.0


@dataclass(frozen=True)
class Figures:
    """One row of the table: latencies in milliseconds, CPU in microseconds per request, memory in MB."""

    median: float
    p99: float
    rate: float
    cpu: float
    memory: float


Key = tuple[str, str, int]
"""Server, kind of model, connections."""


def bars(rows: Mapping[Key, Figures], forest_call: float, start: float) -> Iterator[Bar]:
    """Each promise with its value. ``forest_call`` is the bare call of the forest in microseconds."""

    def of(name: str, field: str, connections: int = 16, kind: str = LOGISTIC) -> float:
        row = rows.get((name, kind, connections))
        return float(getattr(row, field)) if row else float("nan")

    bare, echo = of(BARE.name, "cpu"), of(FASTAPI_ECHO.name, "cpu", kind=NO_MODEL)
    for name in (OURS, DURABLE):
        yield Bar(f"{name}: CPU, 16 connections, times every guard off", of(name, "cpu") / bare, 1.25)
        yield Bar(f"{name}: CPU, 16 connections, times FastAPI + pydantic echo", of(name, "cpu") / echo, 1.0)
    yield Bar(f"{OURS}: CPU, 1 connection, times every guard off", of(OURS, "cpu", 1) / of(BARE.name, "cpu", 1), 1.25)
    latency = of(OURS, "median", 1) / of(FASTAPI_ECHO.name, "median", 1, NO_MODEL)
    yield Bar(f"{OURS}: median latency, 1 connection, times FastAPI + pydantic echo", latency, 1.0)
    rate = of(OURS, "rate")
    yield Bar(
        f"requests/s, 16 connections, times {FASTAPI_SKLEARN.name}", rate / of(FASTAPI_SKLEARN.name, "rate"), 2, True
    )
    for peer in HEAVY:
        yield Bar(f"requests/s, 16 connections, times {peer.name}", rate / of(peer.name, "rate"), 10, True)
    floor = forest_call + of(ASGI_ECHO.name, "cpu", kind=NO_MODEL)
    yield Bar("forest: CPU, 16 connections, times bare ONNX call + ASGI echo", of(OURS, "cpu", 16, FOREST) / floor, 1.3)
    for name in (REFUSED_RATE, REFUSED_KEY):
        yield Bar(f"{name}: CPU, 16 connections, times an accepted one", of(name, "cpu") / of(OURS, "cpu"), 0.1)
    yield Bar("memory after the run, MB", of(OURS, "memory"), MEMORY_MB)
    yield Bar("first answer of a verified release, s", start, START_SECONDS)
