"""Files read in and mapped: the same report, no byte touched in vain, and a change meanwhile is never overlooked."""

import os
import pickle
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.release.scan import FileReport, Verdict, file_contents, scan_and_digest, scan_file, scanning
from secmlops.release.scan.file_contents import open_contents

MIB = 1 << 20


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\x80\x04N")


def _set_back(path: Path) -> None:
    before = path.stat()
    path.write_bytes(path.read_bytes())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "overwritten in place": _overwrite,
    "lengthened": lambda path: os.truncate(path, path.stat().st_size + 1),
    "cut by its last byte": lambda path: os.truncate(path, path.stat().st_size - 1),
    "changed, and its time set back": _set_back,
}


@pytest.fixture(params=["read in", "mapped"])
def model(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A safe pickle, written a while ago, that is read in or mapped."""
    if request.param == "mapped":
        monkeypatch.setattr(file_contents, "_MAPPED_FROM", 1)
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps({"weights": np.arange(1000.0)}))
    os.utime(path, ns=(10**18, 10**18))
    return path


def reader_that_first(does: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    real = scanning.READERS["pickle"]

    def read(*arguments: object) -> str | None:
        does()
        return real(*arguments)

    monkeypatch.setattr(scanning, "READERS", {**scanning.READERS, "pickle": read})


@pytest.mark.parametrize("scan", [scan_file, lambda path: scan_and_digest(path)[0]])
def test_a_file_at_rest_is_safe(model: Path, scan: Callable[[Path], FileReport]) -> None:
    report = scan(model)
    assert (report.verdict, report.findings, report.size) == (Verdict.SAFE, (), model.stat().st_size)


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_changed_while_scanned_cannot_be_told(model: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reader_that_first(lambda: CHANGES[change](model), monkeypatch)
    report = scan_file(model)
    assert report.verdict is Verdict.CANNOT_TELL
    assert "changed" in {finding.rule for finding in report.findings}


def test_the_digest_of_a_file_changed_while_scanned_is_still_of_the_bytes_scanned(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = model.read_bytes()
    reader_that_first(lambda: model.write_bytes(b"cos\nsystem\n."), monkeypatch)
    report, digest = scan_and_digest(model)
    assert (digest, report.size, report.verdict) == (Digest.of(before), len(before), Verdict.CANNOT_TELL)


def test_a_file_that_another_takes_the_place_of_is_the_file_that_was_opened(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = model.with_name("other.pkl")
    other.write_bytes(b"cos\nsystem\n.")
    with open_contents(model, MIB) as contents:
        data = bytes(contents.data)
        other.replace(model)
        assert bytes(contents.data) == data != model.read_bytes()


def test_only_large_regular_files_are_mapped(tmp_path: Path) -> None:
    path = tmp_path / "m.bin"
    for size, copied, kind in ((64 * MIB, False, memoryview), (64 * MIB - 1, False, bytes), (64 * MIB, True, bytes)):
        path.touch()
        os.truncate(path, size)
        with open_contents(path, 1 << 30, copied=copied) as contents:
            assert (type(contents.data), len(contents.data), contents.changed()) == (kind, size, False)


def test_the_bytes_of_a_large_array_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "weights.npy"
    np.lib.format.open_memmap(path, "w+", np.float64, (16 * MIB,)).flush()
    tracemalloc.start()
    try:
        report = scan_file(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (report.verdict, report.format) == (Verdict.SAFE, "npy")
    assert peak < 2 * MIB


def test_a_pipe_is_read_in() -> None:
    out, into = os.pipe()
    os.write(into, b"N.")
    os.close(into)
    with open_contents(Path(f"/dev/fd/{out}"), MIB) as contents:
        assert contents.data == b"N."
    os.close(out)


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(b"N.")
    for path, most, told in ((tmp_path / "no", 9, "cannot be read"), (tmp_path / "m.pkl", 1, "2 bytes, the limit")):
        with pytest.raises(InputError, match=told) as error, open_contents(path, most):
            pass
        assert error.value.where == str(path)


def test_a_mapped_file_cut_under_the_scan_ends_the_process_and_gives_no_verdict(tmp_path: Path) -> None:
    """What the module's documentation says must hold: the end of such a process is never taken for an answer."""
    path = tmp_path / "m.pkl"
    path.write_bytes(b"\x80\x04" + b"N0" * 40_000 + b"N.")
    script = (
        "import os, resource, sys\nfrom pathlib import Path\n"
        "from secmlops.release.scan import file_contents, scan_file, scanning\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "file_contents._MAPPED_FROM = 1\npath = Path(sys.argv[1])\n"
        "real = scanning.READERS['pickle']\n"
        "scanning.READERS = {'pickle': lambda *a: (os.truncate(path, 0), real(*a))[1]}\n"
        "print(scan_file(path).verdict)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGBUS, "")
