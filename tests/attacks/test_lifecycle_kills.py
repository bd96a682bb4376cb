"""A run that is killed, starved of disk or kept from writing: nothing is lost, and the next run finishes."""

import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from secmlops.cli.main import _run
from secmlops.ledger.audit import audit
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

YAML = """\
secmlops: 1
name: tiny
task: binary_classification
data: {source: t.csv, label: y, positive: 1}
training: {model: logistic_regression}
"""
TABLE = "a,b,y\n" + "".join(f"{i * 7 % 31 + 0.5},{'uvw'[i % 3]},{int(i * 5 % 7 > 2)}\n" for i in range(80))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("SECMLOPS_PASSPHRASE_FILE", raising=False)
    return made(tmp_path / "tiny")


def made(place: Path) -> Path:
    place.mkdir()
    (place / "secmlops.yaml").write_text(YAML, encoding="utf-8")
    (place / "t.csv").write_text(TABLE, encoding="utf-8")
    return place


def child(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run ``script`` in a process of its own, which no tool that measures our tests follows."""
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, env=plain)


def sound(folder: Path) -> bool:
    workspace = Workspace(folder)
    return audit(workspace.ledger_storage(), workspace.keys.ring().keys(Role.LOG), workspace.origin).ok


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from secmlops.cli.main import _run

    def run(folder, last):
        left = last
        def counted(real):
            def call(*arguments, **options):
                nonlocal left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **options)
            return call
        for name in ("fsync", "replace", "link", "rename", "mkdir"):
            setattr(os, name, counted(getattr(os, name)))
        from secmlops.ledger.log import Ledger
        Ledger.append = counted(Ledger.append)
        os._exit(int(_run(["run", "-C", str(folder), "--until", "data"])))

    devnull = os.open(os.devnull, os.O_WRONLY)
    for folder in sorted(Path(sys.argv[1]).iterdir()):
        process = os.fork()
        if process == 0:
            os.environ["SECMLOPS_KEYS"] = str(folder / "keys")
            os.dup2(devnull, 1)
            os.dup2(devnull, 2)
            run(folder, int(folder.name))
        _, status = os.waitpid(process, 0)
        print(folder.name, "killed" if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
"""


def test_a_run_killed_at_any_of_its_writes_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECMLOPS_PASSPHRASE_FILE", raising=False)
    places = tmp_path / "runs"
    places.mkdir()
    for last in (2, 9, 18, 26, 34):
        made(places / f"{last:03}")
    told = child(KILLED, places).stdout.split("\n")
    assert sum(line.endswith("killed") for line in told) >= 4, told
    for place in sorted(places.iterdir()):
        monkeypatch.setenv("SECMLOPS_KEYS", str(place / "keys"))
        assert _run(["run", "-C", str(place), "--until", "data"]) == 0, place.name
        assert sound(place), place.name


def test_training_that_is_killed_leaves_no_word_and_is_done_again(folder: Path) -> None:
    script = """
        import os, signal, sys, threading
        from secmlops.cli.main import _run
        from secmlops.training.sandbox import run as sandbox
        real = sandbox._watch_child
        def watched(*arguments):
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGKILL)).start()
            return real(*arguments)
        sandbox._watch_child = watched
        _run(["run", "-C", sys.argv[1]])
    """
    assert child(script, folder).returncode == -9
    workspace = Workspace(folder)
    assert workspace.book.latest("training.run") is None
    assert sound(folder)
    assert _run(["run", "-C", str(folder), "--until", "data"]) == 0


def test_a_full_disk_ends_the_run_with_a_reason_and_half_of_nothing(folder: Path) -> None:
    script = """
        import resource, signal, sys
        from secmlops.cli.main import _run
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
        sys.exit(int(_run(["run", "-C", sys.argv[1], "--until", "data"])))
    """
    for limit in (0, 3_000):
        done = child(script, folder, limit)
        assert done.returncode == 2, (limit, done.stderr)
        assert "Traceback" not in done.stderr
    assert _run(["run", "-C", str(folder), "--until", "data"]) == 0
    assert sound(folder)


def test_a_folder_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    script = """
        import os, sys
        import encodings.utf_8_sig, secmlops.cli.run
        from secmlops.cli.main import _run
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
        sys.exit(int(_run(["run", "-C", sys.argv[1]])))
    """
    with tempfile.TemporaryDirectory() as outside:  # pytest's own folders are closed to other users
        place, keys = Path(outside), Path(outside) / "keys"
        place.chmod(0o755)
        keys.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(keys, 65534, 65534)
        monkeypatch.setenv("SECMLOPS_KEYS", str(keys))
        folder = made(place / "tiny")
        folder.chmod(0o555)
        done = child(script, folder)
        folder.chmod(0o755)
        assert done.returncode == 2, done.stderr
        assert "cannot be written: Permission denied" in done.stderr
        assert sorted(p.name for p in folder.iterdir()) == ["secmlops.yaml", "t.csv"]


def test_a_vault_object_changed_by_hand_is_told_and_not_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["run", "-C", str(folder), "--until", "data"]) == 0
    objects = [p for p in (folder / ".secmlops" / "vault").rglob("*") if p.is_file() and p.stat().st_size > 100]
    assert objects
    for file in objects:
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.chmod(0o600)
        file.write_bytes(data)
    capsys.readouterr()
    assert _run(["run", "-C", str(folder)]) == 1
    told = capsys.readouterr().err
    assert "error:" in told
    assert Workspace(folder).release_names() == []


@pytest.mark.parametrize("content", ["", "../../other", "tiny/" + "0" * 16])
def test_an_identity_changed_by_hand_does_not_fit_its_ledger(folder: Path, content: str) -> None:
    assert _run(["run", "-C", str(folder), "--until", "design"]) == 0
    (folder / ".secmlops" / "identity").write_text(content, encoding="ascii")
    assert _run(["run", "-C", str(folder), "--until", "design"]) in (1, 2)
