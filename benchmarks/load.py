"""A small load client: the same HTTP request again and again over connections that stay open, each waiting its turn."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

import uvloop


@dataclass(frozen=True)
class Load:
    """Seconds that each answer took, and the seconds of the whole."""

    latencies: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """Latency in milliseconds that ``share`` of the requests did not exceed."""
        return sorted(self.latencies)[min(int(share * len(self.latencies)), len(self.latencies) - 1)] * 1e3


def run_load(port: int, request: bytes, connections: int, requests: int) -> Load:
    """Send ``requests`` in all over ``connections`` to loopback; raises RuntimeError when an answer is not 200."""

    async def everything() -> Load:
        left = iter(range(requests))
        begin = time.perf_counter()
        parts = await asyncio.gather(*(_one(port, request, left) for _ in range(connections)))
        return Load([latency for part in parts for latency in part], time.perf_counter() - begin)

    return uvloop.run(everything())


async def _one(port: int, request: bytes, left: Iterator[int]) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies: list[float] = []
    for _ in left:
        begin = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
        body = await reader.readexactly(int(fields[b"content-length"]))
        latencies.append(time.perf_counter() - begin)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{head[:20]!r}: {body[:300]!r}")
    writer.close()
    await writer.wait_closed()
    return latencies
