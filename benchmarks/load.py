"""A lean load client: HTTP requests over connections that stay open, each connection waiting for its answer.

A process of its own, so that its processor time is not the server's. One asyncio protocol on uvloop for each
connection; an answer is measured by its Content-Length or its chunks, and not looked into any further. A server that
ends the connection behind an answer gets a new one.

    python benchmarks/load.py PORT REQUESTS.json --connections 16 --seconds 2

``REQUESTS.json`` holds a list of whole requests as texts of ISO 8859-1, sent one after another, again and again.
"""

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

ANY_STATUS = 0


@dataclass(frozen=True)
class Order:
    """What to send where, until ``seconds`` are over or ``requests`` are answered; every answer has ``status``."""

    port: int
    requests_file: Path
    connections: int
    seconds: float
    requests: int | None = None
    status: int = 200


class Load(msgspec.Struct, frozen=True):
    """What became of an order: latencies in milliseconds, ``client_cpu`` in microseconds per request."""

    answers: int
    seconds: float
    median: float
    p99: float
    client_cpu: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.answers / self.seconds


def run_load(order: Order) -> Load:
    """Carry out ``order`` in another process; raises RuntimeError when it fails or an answer has another status."""
    command = [sys.executable, __file__, str(order.port), str(order.requests_file)]
    command += ["--connections", str(order.connections), "--seconds", str(order.seconds), "--status", str(order.status)]
    command += ["--requests", str(order.requests)] if order.requests is not None else []
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=order.seconds + 60)
    except subprocess.TimeoutExpired:
        raise RuntimeError("the server stopped answering") from None
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-2000:])
    return msgspec.json.decode(done.stdout, type=Load)


def answer_end(data: bytes) -> int | None:
    """Where the first HTTP answer in ``data`` ends; None before it is there. Raises RuntimeError without a length."""
    head = data.find(b"\r\n\r\n")
    if head < 0:
        return None
    fields = data[: head + 2].lower()
    at = fields.find(b"\r\ncontent-length:")
    if at >= 0:
        end = head + 4 + int(fields[at + 17 : fields.index(b"\r", at + 17)])
    elif b"\r\ntransfer-encoding: chunked\r" in fields:
        end = _chunks_end(data, head + 4)
    else:
        raise RuntimeError(f"an answer of unknown length: {data[:200]!r}")
    return end if 0 <= end <= len(data) else None


def _chunks_end(data: bytes, at: int) -> int:
    """Where the last chunk and the trailers behind it end; -1 while that has not come."""
    while True:
        line = data.find(b"\r\n", at)
        if line < 0:
            return -1
        size = int(data[at:line].partition(b";")[0], 16)
        if size == 0:
            end = data.find(b"\r\n\r\n", line)
            return end + 4 if end >= 0 else -1
        at = line + 2 + size + 2
        if at > len(data):
            return -1


class _Run:
    """One order under way."""

    def __init__(self, order: Order) -> None:
        requests = json.loads(order.requests_file.read_text("ascii"))
        self.requests = itertools.cycle([request.encode("latin-1") for request in requests])
        self.expected = b"" if order.status == ANY_STATUS else f"HTTP/1.1 {order.status}".encode()
        self.left: Iterator[int] = itertools.count() if order.requests is None else iter(range(order.requests))
        self.port = order.port
        self.deadline = time.perf_counter() + order.seconds
        self.latencies: list[float] = []

    def more(self) -> bool:
        return time.perf_counter() < self.deadline and next(self.left, None) is not None


class _Connection(asyncio.Protocol):
    """One connection after another, each with one request under way."""

    def __init__(self, run: _Run, done: "asyncio.Future[None]") -> None:
        self._run = run
        self._done = done
        self._held = b""
        self._begin = 0.0
        self._reconnects = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._next()

    def _next(self) -> None:
        if self._run.more():
            request = next(self._run.requests)
            self._begin = time.perf_counter()
            self._transport.write(request)
        else:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(None)

    def data_received(self, data: bytes) -> None:
        if self._held:
            data = self._held + data
        try:
            end = answer_end(data)
        except (RuntimeError, ValueError) as error:
            self._fail(RuntimeError(f"no answer: {error}"))
            return
        if end is None:
            self._held = data
            return
        self._held = data[end:]
        self._run.latencies.append(time.perf_counter() - self._begin)
        if not data.startswith(self._run.expected):
            self._fail(RuntimeError(f"another answer: {data[:600]!r}"))
        elif b"\r\nconnection: close\r" in data:
            self._reconnects = True
        else:
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._reconnects:
            task = asyncio.ensure_future(_connect(self._run, self._done))
            task.add_done_callback(lambda _: None)
        else:
            self._fail(RuntimeError("the server ended the connection"))

    def _fail(self, error: RuntimeError) -> None:
        if not self._done.done():
            self._done.set_exception(error)
            self._transport.close()


async def _connect(run: _Run, done: "asyncio.Future[None]") -> None:
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: _Connection(run, done), "127.0.0.1", run.port)


async def _carry_out(order: Order) -> Load:
    run, loop = _Run(order), asyncio.get_running_loop()
    done = [loop.create_future() for _ in range(order.connections)]
    cpu, begin = time.process_time(), time.perf_counter()
    await asyncio.gather(*(_connect(run, one) for one in done))
    await asyncio.gather(*done)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    sorted_ms = [latency * 1e3 for latency in sorted(run.latencies)]
    count = len(sorted_ms)
    return Load(count, seconds, sorted_ms[count // 2], sorted_ms[count * 99 // 100], cpu / count * 1e6)


def main() -> None:
    import uvloop  # here: who only measures answers needs none

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("requests_file", type=Path, metavar="REQUESTS.json")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--requests", type=int, help="at most so many in all")
    parser.add_argument("--status", type=int, default=200, help="that every answer must have; 0 for any")
    print(msgspec.json.encode(uvloop.run(_carry_out(Order(**vars(parser.parse_args()))))).decode())


if __name__ == "__main__":
    main()
