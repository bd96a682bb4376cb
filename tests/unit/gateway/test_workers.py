"""Workers: each in a process of its own, started anew when it ends, and all of them stopped with the parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secmlops.core.errors import InputError
from secmlops.gateway import workers
from secmlops.gateway.workers import _Pool, _told

SCRIPT = """
import os, signal, sys, time
from pathlib import Path
from secmlops.core.errors import InputError
from secmlops.core.errors import InputError
from secmlops.gateway import workers

folder, shortest = Path(sys.argv[1]), float(sys.argv[2])
workers.SHORTEST_LIFE_S = shortest

def serve(number):
    (folder / f"{number}-{os.getpid()}").touch()
    print("worker", number)
    {what}

sound = workers.serve_with_workers(2, serve, lambda: None)
print("sound" if sound else "unsound")
sys.exit(0 if sound else 3)
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def make(what: str = "time.sleep(60)", shortest: float = 0.0) -> subprocess.Popen[str]:
        script = SCRIPT.replace("{what}", what)
        command = [sys.executable, "-c", script, str(tmp_path), str(shortest)]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True))
        return started[-1]

    yield make
    for one in started:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
            one.wait()


def pids(folder: Path, count: int) -> dict[int, int]:
    """Number by process of the workers, once there are so many."""
    deadline = time.monotonic() + 30
    while len(found := list(folder.iterdir())) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return {int(path.name.partition("-")[2]): int(path.name.partition("-")[0]) for path in found}


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_word_to_the_parent_stops_all_as_they_should(start, tmp_path, sign) -> None:
    parent = start()
    found = pids(tmp_path, 2)
    assert sorted(found.values()) == [0, 1]
    parent.send_signal(sign)
    out, err = parent.communicate(timeout=30)
    assert (parent.returncode, err) == (0, "")
    assert sorted(out.split()) == sorted(["worker", "0", "worker", "1", "sound"])
    assert not any(map(runs, found))


def test_a_word_at_any_moment_of_the_start_stops_all(start, tmp_path) -> None:
    for pause in (0.0, 0.002, 0.005):
        parent = start()
        before = len(list(tmp_path.iterdir()))
        pids(tmp_path, before + 1)
        time.sleep(pause)
        parent.terminate()
        parent.communicate(timeout=30)
        assert parent.returncode == 0


def test_one_that_is_killed_is_started_anew_under_its_number(start, tmp_path) -> None:
    parent = start()
    first = pids(tmp_path, 2)
    victim = next(pid for pid, number in first.items() if number == 1)
    os.kill(victim, signal.SIGKILL)
    after = pids(tmp_path, 3)
    (fresh,) = after.keys() - first.keys()
    assert after[fresh] == 1
    assert runs(next(pid for pid, number in first.items() if number == 0))
    parent.terminate()
    _, err = parent.communicate(timeout=30)
    assert parent.returncode == 0
    assert "worker 1 ended (SIGKILL) and is started anew" in err


def test_when_the_parent_is_killed_no_worker_goes_on_serving(start, tmp_path) -> None:
    parent = start()
    found = pids(tmp_path, 2)
    parent.kill()
    parent.communicate(timeout=30)  # the pipes end with the last worker, a moment before it does itself
    deadline = time.monotonic() + 10
    while any(map(_serves, found)):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _serves(pid: int) -> bool:
    """Whether it runs and is more than an entry that its new parent has not taken away yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_sockets_are_let_go_when_all_are_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go: list[str] = []
    Forks(monkeypatch)
    pool = _Pool(lambda number: None, lambda: let_go.append("sockets"))
    pool.start(0)
    assert let_go == []
    pool.stop()
    pool.close()
    assert let_go == ["sockets"]


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("if number: sys.exit(7)\n    time.sleep(60)", "SystemExit: 7"),
        ("if number: raise InputError('no such release')\n    time.sleep(60)", "worker 1: no such release"),
        ("if number: raise OSError('broken')\n    time.sleep(60)", "OSError: broken"),
    ],
)
def test_one_that_ends_at_once_stops_all_with_an_error_and_says_why(start, tmp_path, what, told) -> None:
    parent = start(what, shortest=60.0)
    out, err = parent.communicate(timeout=30)
    assert parent.returncode == 3
    assert "unsound" in out
    assert told in err
    assert "worker 1 ended at once (exit 1): all are stopped" in err
    assert not any(map(runs, pids(tmp_path, 1)))


def test_one_that_ends_badly_when_told_to_stop_is_an_error(start, tmp_path) -> None:
    parent = start("try: time.sleep(60)\n    except KeyboardInterrupt: os._exit(9)")
    pids(tmp_path, 2)
    parent.terminate()
    parent.communicate(timeout=30)
    assert parent.returncode == 3


class Forks:
    """Stands where processes are made, so that the parent's part can be seen without any."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.forked, self.killed, self.ended = 0, [], []
        monkeypatch.setattr(workers.os, "fork", self.fork)
        monkeypatch.setattr(workers.os, "kill", self.kill)
        monkeypatch.setattr(workers.os, "wait", lambda: self.ended.pop(0))

    def fork(self) -> int:
        self.forked += 1
        return 1000 + self.forked

    def kill(self, pid: int, sign: int) -> None:
        self.killed.append((pid, sign))
        if pid == 1001:
            raise ProcessLookupError


def test_the_parents_part(monkeypatch: pytest.MonkeyPatch) -> None:
    forks = Forks(monkeypatch)
    pool = _Pool(lambda number: None, lambda: None)
    pool.start(0)
    pool.start(1)
    monkeypatch.setattr(workers, "SHORTEST_LIFE_S", 0.0)
    forks.ended = [(5, 0), (1002, 256), (1001, 0), (1003, 0), (1004, 256)]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()
    assert forks.forked == 2
    monkeypatch.setattr(workers.os, "wait", lambda: _popped(forks, pool))
    assert pool.keep() is False
    assert forks.forked == 4
    pool.start(9)
    assert forks.forked == 4  # told to stop: nothing is begun any more
    pool.close()
    assert {sign for _, sign in forks.killed} == {signal.SIGTERM}


def _popped(forks: Forks, pool: _Pool) -> tuple[int, int]:
    if len(forks.ended) == 2:
        pool.stop()
    return forks.ended.pop(0)


def test_how_an_end_is_told() -> None:
    assert (_told(0), _told(3 << 8), _told(9)) == ("exit 0", "exit 3", "SIGKILL")


class Gone(BaseException):
    """Raised where a process would end."""


def _interrupted() -> None:
    raise KeyboardInterrupt


def _refused() -> None:
    raise InputError("no such release")


def _broken() -> None:
    raise OSError("broken")


@pytest.mark.parametrize(
    ("work", "code", "told"),
    [
        (lambda: None, 0, ""),
        (_interrupted, 0, ""),
        (_refused, 1, "worker 3: no such release"),
        (_broken, 1, "OSError: broken"),
    ],
)
def test_the_workers_part(monkeypatch, capsys, caplog, work, code, told) -> None:
    numbers, codes = [], []

    def leave(status: int) -> None:
        codes.append(status)
        raise Gone

    def serve(number: int) -> None:
        numbers.append(number)
        assert {signal.getsignal(sign) for sign in workers.STOP_SIGNALS} == {signal.default_int_handler}
        work()

    before = {sign: signal.getsignal(sign) for sign in workers.STOP_SIGNALS}
    monkeypatch.setattr(workers.os, "_exit", leave)
    monkeypatch.setattr(workers, "_stop_at_the_end_of", lambda _: None)
    pool = _Pool(serve, lambda: None)
    try:
        with pytest.raises(Gone):
            pool._work(3)
    finally:
        os.close(pool._lifeline)
        for sign, handler in before.items():
            signal.signal(sign, handler)
    assert (numbers, codes) == ([3], [code])
    assert told in capsys.readouterr().err + caplog.text


def test_the_lifeline_tells_to_stop_when_its_other_end_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(workers.os, "kill", lambda *given: told.append(given))
    lifeline, held = os.pipe()
    os.close(held)
    workers._stop_at_the_end_of(lifeline)
    os.close(lifeline)
    assert told == [(os.getpid(), signal.SIGTERM)]
