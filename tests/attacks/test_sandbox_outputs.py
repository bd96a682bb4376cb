"""Code in the sandbox leaves something else than an honest file as its answer."""

from pathlib import Path

import pytest

from secmlops.core.errors import IsolationError
from secmlops.training.sandbox.isolation import Requirement
from secmlops.training.sandbox.plan import MECHANISMS
from secmlops.training.sandbox.run import run_isolated, script
from secmlops.training.transport import array_from_bytes

WEAK = Requirement(seconds=20, accept=("no-landlock", "no-seccomp"))
WITHOUT_LANDLOCK = ("namespaces", "limits")
FORGERIES = {
    "a symbolic link": "os.symlink(%r, OUT / 'r')",
    "a hard link": "os.link(%r, OUT / 'r')",
    "regular": "os.mkfifo(OUT / 'r')",
    "a folder": "(OUT / 'r').mkdir()",
    "is 2000 bytes long": "(OUT / 'r').write_bytes(b'x' * 2000)",
    "without leaving r": "None",
}


@pytest.fixture(autouse=True)
def one_file_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scratch folder and victims on one file system, so that a link or a move fails for no other reason."""
    monkeypatch.setattr("secmlops.training.sandbox.run.memory_folder", lambda _: None)


@pytest.mark.parametrize("told", FORGERIES)
def test_a_forged_answer_is_refused(told: str, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"secret")
    act = FORGERIES[told]
    code = "import os\n" + (act % str(key) if "%" in act else act)
    result = run_isolated(script(code.encode(), r=1000), WEAK, mechanisms=WITHOUT_LANDLOCK)
    with pytest.raises(IsolationError, match=told.replace("a folder", "not a regular file")):
        result.output("r")


@pytest.mark.parametrize("told", ["a symbolic link", "a hard link", "regular"])
def test_landlock_lets_no_forgery_be_made(told: str, tmp_path: Path) -> None:
    act = FORGERIES[told]
    key = tmp_path / "key"
    key.write_bytes(b"secret")
    code = "import os\n" + (act % str(key) if "%" in act else act)
    result = run_isolated(script(code.encode(), r=1000), Requirement(seconds=20), mechanisms=MECHANISMS)
    assert b"PermissionError" in result.printed or b"Invalid cross-device link" in result.printed
    assert not result.answers


def test_a_swapped_output_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "r").write_bytes(b"secret")
    code = f"import os\nos.rename(OUT, str(OUT) + '-away')\nos.symlink({str(tmp_path)!r}, OUT)"
    result = run_isolated(script(code.encode(), r=1000), WEAK, mechanisms=WITHOUT_LANDLOCK)
    with pytest.raises(IsolationError, match="without leaving r"):
        result.output("r")


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    code = f"""
import io, pickle, pickletools, pathlib
class Bomb:
    def __reduce__(self):
        return (exec, ("open({str(tmp_path / "exploded")!r}, 'w')",))
(OUT / "r").write_bytes(pickle.dumps(Bomb()))
header = b"{{'descr': '|O', 'fortran_order': False, 'shape': (1,), }}".ljust(117) + b"\\n"
(OUT / "s").write_bytes(b"\\x93NUMPY\\x01\\x00v\\x00" + header + pickle.dumps([Bomb()]))
"""
    result = run_isolated(script(code.encode(), r=1000, s=1000), Requirement(seconds=20))
    for name in ("r", "s"):
        with pytest.raises(IsolationError, match="cannot be read"):
            array_from_bytes(result.output(name))
    assert not (tmp_path / "exploded").exists()


def test_code_cannot_report_better_isolation_than_it_has() -> None:
    code = b"""
import os
for descriptor in range(3, 256):
    try:
        os.write(descriptor, b'{"landlock_abi": 99}')
    except OSError:
        pass
"""
    result = run_isolated(script(code), Requirement(seconds=20))
    assert result.isolation.landlock_abi < 99
