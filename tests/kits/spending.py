"""A tiny project with a privacy budget of 1, and spending from it, in this process or in others."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from secmlops.core.digest import Digest
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.data.differential_privacy.persons import Source
from secmlops.data.differential_privacy.query import Query
from secmlops.data.reading import read_table
from secmlops.datasets import privacy_desk_of
from secmlops.workspace import Workspace

YAML = """\
secmlops: 1
name: tiny
task: binary_classification
data: {source: t.csv, label: y, positive: 1, subject_id: who}
training: {model: logistic_regression}
"""
TABLE = "who,y\n" + "".join(f"P-{i // 2:03d},{i % 2}\n" for i in range(40))
_SPENDER = """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from kits.spending import spend
    from secmlops.data.differential_privacy import desk
    from secmlops.core.errors import GateShutError

    if sys.argv[3] == "kill":
        desk.release = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    if sys.argv[3] == "kill when paid":
        desk.Bought = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    paid = 0
    for _ in range(4):
        try:
            spend(Path(sys.argv[2]), 0.2)
            paid += 1
        except GateShutError:
            pass
    print(paid)
"""


def write_project_with_budget(folder: Path) -> Path:
    """Write the project into a new folder and set its budget; ``$SECMLOPS_KEYS`` names the keys."""
    folder.mkdir()
    (folder / "secmlops.yaml").write_text(YAML)
    (folder / "t.csv").write_text(TABLE)
    privacy_desk_of(Workspace(folder)).set_limit(PrivacyLoss(1.0), "t.csv", None)
    return folder


def spend(folder: Path, epsilon: float, workspace: Workspace | None = None) -> None:
    """Pay for the number of persons, and draw it."""
    workspace = workspace or Workspace(folder)
    name = workspace.project.data.source
    data = (folder / name).read_bytes()
    subject = Subject(SubjectKind.DATASET, name, Digest.of(data))
    source = Source(subject, read_table(data, name).table, "who")
    privacy_desk_of(workspace).draw(source, Query(PrivacyLoss(epsilon)), None)


def left(folder: Path) -> float:
    """Epsilon that is left."""
    return privacy_desk_of(Workspace(folder)).account().left.epsilon


def spending_process(folder: Path, manner: str) -> subprocess.Popen[str]:
    """Process that tries to spend 0.2 four times and prints how often it could; with ``kill`` it dies on drawing,
    with ``kill when paid`` right after it paid.
    """
    tests = str(Path(__file__).parents[1])
    program = [sys.executable, "-c", textwrap.dedent(_SPENDER), tests, str(folder), manner]
    return subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
