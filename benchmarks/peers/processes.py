"""Server processes under measurement: started, watched and ended with all their descendants."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_SECONDS = 240.0
_STARTED = 19
"""Place of the start time among the fields of ``/proc/PID/stat`` behind the name: with the id, it names a process."""


class ServerEndedError(Exception):
    """A server ended, or did not answer in time; the words are the end of its log."""


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], folder: Path, variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in ``folder``, its output in ``log`` there, and end it with all its children at the end."""
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, **(variables or {})}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
    try:
        yield process
    finally:
        started = {pid: fields[_STARTED] for pid, fields in _tree(process.pid).items()}
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        for pid, when in started.items():  # most have ended their children themselves
            if pid in (left := _tree(pid)) and left[pid][_STARTED] == when:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for_answer(process: subprocess.Popen[bytes], port: int, request: bytes, folder: Path) -> None:
    """Return once the server has answered 200; raises ServerEndedError when it ends or takes too long."""
    end = time.monotonic() + PATIENCE_SECONDS
    answer = b""
    while not answer.startswith(b"HTTP/1.1 200"):
        if process.poll() is not None or time.monotonic() > end:
            told = (folder / "log").read_text(errors="replace")
            raise ServerEndedError(f"{answer[:200]!r} {told[-1500:]}")
        time.sleep(0.01)
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(request)
            answer = connection.recv(4096)


def cpu_seconds(root: int) -> float:
    """User and system time of a process and all its descendants, with those that have ended."""
    return sum(sum(map(int, fields[11:15])) for fields in _tree(root).values()) / TICKS


def memory_mb(root: int) -> float:
    """Resident memory of a process and its descendants in MB; what they share counts once, with the largest."""
    sizes = [_rollup(pid) for pid in _tree(root)]
    resident = [size.get("Rss", 0) for size in sizes]
    private = [size.get("Private_Clean", 0) + size.get("Private_Dirty", 0) for size in sizes]
    largest = resident.index(max(resident))
    return (resident[largest] + sum(private) - private[largest]) * 1024 / 1e6


def _tree(root: int) -> dict[int, list[str]]:
    """Fields of ``/proc/PID/stat`` behind the name (proc(5), from the state on) of a process and its descendants."""
    everyone = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it may end meanwhile
                everyone[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
    found, size = {root}, 0
    while len(found) > size:
        size = len(found)
        found |= {pid for pid, fields in everyone.items() if int(fields[1]) in found}
    return {pid: everyone[pid] for pid in found if pid in everyone}


def _rollup(pid: int) -> dict[str, int]:
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return {name: int(size) for name, size in re.findall(r"^(\w+): +(\d+) kB", text, re.MULTILINE)}
    return {}
