"""What a piece of work cost this process and its children: wall time, CPU time, peak memory."""

import resource
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from secmlops.core.evidence import Price

_STATUS = Path("/proc/self/status")
_CLEAR_REFS = Path("/proc/self/clear_refs")


class Meter:
    """Context manager: ``with Meter() as meter: ...`` and then ``meter.price(produced_bytes)``.

    CPU seconds include children that have ended. Peak memory is the resident set's high-water mark, in bytes, reset at
    the start where Linux allows it (proc(5), ``clear_refs``); elsewhere it is the mark of the whole process so far.
    """

    def __enter__(self) -> Self:
        _reset_peak()
        self._wall = time.perf_counter()
        self._cpu = _cpu_seconds()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wall = time.perf_counter() - self._wall
        self._cpu = _cpu_seconds() - self._cpu
        self._peak = _peak_bytes()

    def price(self, produced_bytes: int = 0) -> Price:
        """Price of the work inside the context."""
        return Price(round(self._wall, 6), round(self._cpu, 6), self._peak, produced_bytes)


def _cpu_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _reset_peak() -> None:
    try:
        _CLEAR_REFS.write_text("5")
    except OSError:  # not Linux, or not allowed: the mark then covers the whole process, as documented
        return


def _peak_bytes() -> int:
    try:
        status = _STATUS.read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    line = next(row for row in status.splitlines() if row.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
