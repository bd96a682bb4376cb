"""One small project, released once; the command line as a function; keys and home folder that are nobody's."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kits.light import CONTROLS
from kits.made_once import made_once
from secmlops.cli.main import _run
from secmlops.lifecycle.run import StageResult
from secmlops.pipeline import run_pipeline
from secmlops.usecases import credit_risk
from secmlops.workspace import Workspace

ROWS = 400
KEPT = ("SECMLOPS_KEYS", "SECMLOPS_PASSPHRASE_FILE", "HOME", "XDG_CONFIG_HOME")


@dataclass(frozen=True)
class Said:
    """What a command left: exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        return json.loads(self.out)


class Quiet:
    """A listener that only counts."""

    def __init__(self) -> None:
        self.reused: list[str] = []
        self.performed: list[str] = []

    def started(self, control, /) -> None:
        """Nothing is shown."""

    def finished(self, evidence, reused: bool, /) -> None:
        """Count the control."""
        (self.reused if reused else self.performed).append(evidence.control.id)


def _release(folder: Path) -> None:
    """Make keys, and a small credit-risk project with one release."""
    project = folder / "credit"
    credit_risk.write(project, ROWS, 7)
    text = (project / "secmlops.yaml").read_text(encoding="utf-8")
    text = text.replace("gradient_boosting", "logistic_regression").replace('">= 0.74"', '">= 0.55"')
    text = text.replace('"<= 0.10"', '"<= 0.30"').replace('"<= 0.15"', '"<= 0.35"')
    (project / "secmlops.yaml").write_text(text + CONTROLS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECMLOPS_KEYS", str(folder / "keys"))
        workspace = Workspace(project)
        results, published = run_pipeline(workspace, Quiet())
        workspace.ledger.close()
    assert published is not None, _obstacles(results)


def _obstacles(results: list[StageResult]) -> list[str]:
    return [f"{r.rule}: {r.why}" for r in results[-1].verdict.obstacles]


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Home folder of the whole session, with keys and the small project."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(made_once(tmp_path_factory, "credit", _release), home, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        for name in KEPT:
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(home))
        patch.setenv("SECMLOPS_KEYS", str(home / "keys"))
        yield home


@pytest.fixture(scope="session")
def small_project(_own_home: Path) -> Path:
    """Folder of a small credit-risk project with one release. Tests that change it take ``project``, a copy."""
    return _own_home / "credit"


@pytest.fixture
def project(small_project: Path, tmp_path: Path) -> Path:
    """Copy of the small project, to change."""
    return Path(shutil.copytree(small_project, tmp_path / "credit"))


@pytest.fixture
def edit() -> Callable[[Path, str, str], None]:
    """Replace a text in a project's secmlops.yaml, where it must stand."""

    def replace(folder: Path, old: str, new: str) -> None:
        file = folder / "secmlops.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    return replace


@pytest.fixture
def secmlops(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run a command in this process; gives exit code, standard output and standard error."""

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        code = int(_run([str(a) for a in arguments]))
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def quiet() -> Quiet:
    """Listener that counts what was performed and what was reused."""
    return Quiet()


TABLE = "a,b,y\n" + "".join(f"{i * 7 % 31 + 0.5},{'uvw'[i % 3]},{int(i * 5 % 7 > 2)}\n" for i in range(80))
YAML = """\
secmlops: 1
name: tiny
task: binary_classification
data: {source: t.csv, label: y, positive: 1}
training: {model: logistic_regression}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Folder of a project with a table of 80 rows, not yet run."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "secmlops.yaml").write_text(YAML, encoding="utf-8")
    (folder / "t.csv").write_text(TABLE, encoding="utf-8")
    return folder
