"""Running work in a child: what comes back, and what is said when it ends badly."""

import os
import signal

import pytest

from secmlops.core.errors import IsolationError
from secmlops.training.sandbox import run
from secmlops.training.sandbox.isolation import WAIVERS, Requirement
from secmlops.training.sandbox.run import Work, environment, probe, run_isolated, script
from secmlops.training.sandbox.watch import Watch


def test_bytes_come_back_with_what_held() -> None:
    result = run_isolated(script(b"print('hello'); (OUT / 'r').write_bytes(b'x' * 9)", r=9), Requirement())
    assert result.output("r") == b"x" * 9
    assert result.printed == b"hello\n"
    assert result.failure is None
    assert result.isolation.lacking(Requirement()) == ()
    assert result.peak_memory_bytes > 1 << 20
    assert result.cpu_seconds > 0
    assert result.seconds > 0


def test_two_threads_may_work_in_it() -> None:
    code = b"""
import threading
seen = []
workers = [threading.Thread(target=seen.append, args=(i,)) for i in range(4)]
[w.start() for w in workers]; [w.join() for w in workers]
(OUT / 'r').write_text(str(sorted(seen)))
"""
    assert run_isolated(script(code, r=99), Requirement(threads=4)).output("r") == b"[0, 1, 2, 3]"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (b"raise SystemExit(7)", "exit status 7"),
        (b"import os; os.abort()", "SIG(ABRT|SEGV|ILL)"),
        (b"import ctypes; ctypes.string_at(0)", "SIGSEGV"),
    ],
    ids=["exit", "abort", "crash"],
)
def test_a_bad_end_is_told(code: bytes, told: str) -> None:
    with pytest.raises(IsolationError, match=told):
        run_isolated(script(code, r=1), Requirement()).output("r")


def test_isolation_that_cannot_be_had_stops_everything(tmp_path: object) -> None:
    code = script(b"(OUT / 'r').write_text('ran')", r=9)
    with pytest.raises(IsolationError, match="files outside the scratch folder") as told:
        run_isolated(code, Requirement(), mechanisms=("seccomp", "limits"))
    assert "accept the weaker isolation by name: no-landlock" in told.value.hint
    assert "landlock: switched off" in told.value.where
    accepted = Requirement(accept=("no-landlock",))
    assert run_isolated(code, accepted, mechanisms=("seccomp", "limits")).output("r") == b"ran"


def test_the_network_is_not_open_because_other_things_are_waived() -> None:
    waived = Requirement(accept=tuple(name for name in WAIVERS if name != "no-network-isolation"))
    with pytest.raises(IsolationError, match="the network can be reached"):
        run_isolated(script(b""), waived, mechanisms=("landlock", "limits"))


def test_the_probe_reports_and_runs_nothing() -> None:
    isolation = probe()
    assert isolation.no_new_privileges
    assert isolation.missing == ()


def test_a_child_that_cannot_start_is_an_isolation_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(IsolationError, match="no child process could be started"):
        run_isolated(script(b""), Requirement())
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(IsolationError, match="ended before it was isolated"):
        run_isolated(script(b""), Requirement())


def test_an_unknown_target_is_told() -> None:
    result = run_isolated(Work("secmlops.nowhere:run"), Requirement())
    assert result.failure is not None
    assert b"No module named 'secmlops.nowhere'" in result.printed


def test_nothing_of_our_environment_is_passed_on(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("LD_PRELOAD", "/x.so")
    given = environment(tmp_path, 3, 2**32 + 5)  # type: ignore[arg-type]
    assert not {"AWS_SECRET_ACCESS_KEY", "LD_PRELOAD", "PATH", "PYTHONPATH"} & set(given)
    assert given["OMP_NUM_THREADS"] == given["OPENBLAS_NUM_THREADS"] == "3"
    assert given["PYTHONHASHSEED"] == "5"


def test_used_up_processor_time_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch.__new__(Watch)
    watch.broken, watch.requirement = "", Requirement(seconds=10)
    watch.status, watch.cpu_seconds = signal.SIGKILL, 11.2
    assert "used more than 11 s of processor time" in str(run._failure(watch))
    watch.cpu_seconds = 3.0
    assert "killed by signal SIGKILL" in str(run._failure(watch))
    assert os.WIFSIGNALED(watch.status)
