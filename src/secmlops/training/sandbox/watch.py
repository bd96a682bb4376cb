"""Stand beside a child until it ends: read what it says, bound what it uses, kill it when it breaks a limit."""

import contextlib
import json
import os
import re
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from secmlops.training.sandbox.isolation import Isolation, Requirement
from secmlops.training.sandbox.scratch import usage

MAX_PRINTED = 64 << 10
_MAX_STATUS = 64 << 10
_POLL_S = 0.03
_START_S = 60.0
_SCRATCH_POLL_S = 0.3
_PEAK = re.compile(rb"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
_THREADS = re.compile(rb"^Threads:\s+(\d+)$", re.MULTILINE)


@dataclass(slots=True)
class Watch:
    """One child under watch: fill by ``until_end``. Times in seconds, memory in bytes.

    ``broken`` says in words which limit the child broke, ``status`` is its wait status, ``printed`` the first 64 KiB of
    its standard output and error.
    """

    process: subprocess.Popen[bytes]
    status_pipe: int
    scratch: Path
    requirement: Requirement
    broken: str = ""
    status: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0
    printed: bytearray = field(default_factory=bytearray)
    _said: bytearray = field(default_factory=bytearray)
    _began: float = field(default_factory=time.monotonic)
    _shut_in: float | None = None
    _scratch_due: float = 0.0

    def until_end(self) -> None:
        """Return when the child and everything it started is dead."""
        ended = False
        with selectors.DefaultSelector() as selector:
            if self.process.stdout:
                os.set_blocking(self.process.stdout.fileno(), False)
                selector.register(self.process.stdout.fileno(), selectors.EVENT_READ, (self.printed, MAX_PRINTED))
            selector.register(self.status_pipe, selectors.EVENT_READ, (self._said, _MAX_STATUS))
            try:
                while not ended and not self.broken:
                    self._listen(selector, _POLL_S)
                    ended = self._reap(os.WNOHANG)
                    self.broken = "" if ended else self._limit_broken()
            finally:
                self._kill()
                if not ended:
                    self._reap(0)
            self._listen(selector, 0.0)
        self.seconds = time.monotonic() - self._began

    @property
    def isolation(self) -> Isolation | None:
        """What the child reported before it ran anything; None when it did not come so far."""
        for message in self._messages():
            if "landlock_abi" in message:
                return Isolation.from_json(message)
        return None

    def _messages(self) -> list[dict[str, object]]:
        whole_lines = bytes(self._said).split(b"\n")[:-1]
        return [json.loads(line) for line in whole_lines]

    def _listen(self, selector: selectors.BaseSelector, timeout: float) -> None:
        for key, _ in selector.select(timeout):
            heard, limit = key.data
            with contextlib.suppress(BlockingIOError):
                chunk = os.read(key.fd, 1 << 16)
                heard += chunk[: limit - len(heard)]
                if not chunk:
                    selector.unregister(key.fd)

    def _reap(self, flags: int) -> bool:
        pid, status, used = os.wait4(self.process.pid, flags)
        if pid == 0:
            return False
        self.status = status
        self.cpu_seconds = used.ru_utime + used.ru_stime
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return True

    def _kill(self) -> None:
        """Kill the group of the child; process 1 of its namespace dies with the one that waits for it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _limit_broken(self) -> str:
        now, asked = time.monotonic(), self.requirement
        if self._late(now):
            return f"ran longer than {asked.seconds:g} s"
        memory, threads = self._look()
        self.peak_memory_bytes = max(self.peak_memory_bytes, memory)
        if memory > asked.memory_bytes:
            return f"used more than {asked.memory_bytes >> 20} MiB of memory"
        if threads > asked.limits.processes:
            return f"started more than {asked.limits.processes} threads"
        if now < self._scratch_due:
            return ""
        self._scratch_due = now + _SCRATCH_POLL_S
        used = usage(self.scratch)
        if used is None or used > asked.scratch_bytes:
            return f"filled its scratch folder ({asked.scratch_bytes >> 20} MiB are allowed)"
        return ""

    def _late(self, now: float) -> bool:
        """Whether time is up: it runs from the moment the child has shut itself in; starting has its own bound."""
        if self._shut_in is None and self.isolation:
            self._shut_in = now
        if self._shut_in is None:
            return now - self._began > _START_S
        return now - self._shut_in > self.requirement.seconds

    def _look(self) -> tuple[int, int]:
        """Peak resident bytes and the number of threads of the process that runs the foreign code."""
        inner = [m["pid"] for m in self._messages() if "pid" in m]
        try:
            text = Path(f"/proc/{inner[0] if inner else self.process.pid}/status").read_bytes()
        except OSError:
            return 0, 0
        peak, threads = _PEAK.search(text), _THREADS.search(text)
        return int(peak[1]) << 10 if peak else 0, int(threads[1]) if threads else 0
