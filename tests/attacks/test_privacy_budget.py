"""Attempts to spend a privacy budget twice: at once, killed, rolled back, copied, renamed, by another clock."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import GateShutError, VerificationError
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
SPENDER = """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[3])
    from attacks_privacy_budget import spend
    from secmlops.data.differential_privacy import desk
    from secmlops.core.errors import GateShutError

    if sys.argv[2] == "kill":
        desk.release = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    paid = 0
    for _ in range(12):
        try:
            spend(Path(sys.argv[1]))
            paid += 1
        except GateShutError:
            pass
    print(paid)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "secmlops.yaml").write_text(YAML)
    (folder / "t.csv").write_text(TABLE)
    privacy_desk_of(Workspace(folder)).set_limit(PrivacyLoss(1.0), "t.csv", None)
    return folder


def spend(folder: Path, epsilon: float = 0.1, workspace: Workspace | None = None) -> None:
    workspace = workspace or Workspace(folder)
    name = workspace.project.data.source
    data = (folder / name).read_bytes()
    subject = Subject(SubjectKind.DATASET, name, Digest.of(data))
    source = Source(subject, read_table(data, name).table, "who")
    privacy_desk_of(workspace).draw(source, Query(PrivacyLoss(epsilon)), None)


def left(folder: Path) -> float:
    return privacy_desk_of(Workspace(folder)).account().left.epsilon


def process(folder: Path, manner: str) -> subprocess.Popen[str]:
    here = folder.parent / "attacks_privacy_budget.py"
    shutil.copyfile(__file__, here)
    program = [sys.executable, "-c", textwrap.dedent(SPENDER), str(folder), manner, str(here.parent)]
    return subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def test_two_processes_at_once_spend_no_more_than_there_is(project):
    both = [process(project, "go") for _ in range(2)]
    paid = [int(one.communicate(timeout=100)[0]) for one in both]
    assert (sum(paid), left(project)) == (10, 0.0)


def test_a_release_killed_after_it_was_paid_stays_paid(project):
    killed = process(project, "kill")
    killed.communicate(timeout=100)
    assert killed.returncode == -signal.SIGKILL
    assert left(project) == 0.9


def test_a_ledger_put_back_is_noticed(project, tmp_path):
    shutil.copytree(project, tmp_path / "before")
    spend(project, 0.9)
    shutil.rmtree(project)
    shutil.copytree(tmp_path / "before", project)
    with pytest.raises(VerificationError, match="rolled back"):
        spend(project, 0.9)


def test_of_two_copies_only_the_one_that_spent_last_goes_on(project, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(project, copy)
    spend(project, 0.6)
    with pytest.raises(VerificationError):
        spend(copy, 0.6)
    later = tmp_path / "later"
    shutil.copytree(project, later)
    with pytest.raises(GateShutError, match=r"epsilon 0.4"):
        spend(later, 0.6)
    spend(later, 0.3)
    with pytest.raises(VerificationError):
        spend(project, 0.1)


def test_another_name_for_the_table_brings_no_other_budget(project):
    spend(project, 0.7)
    (project / "t.csv").rename(project / "u.csv")
    (project / "secmlops.yaml").write_text(YAML.replace("t.csv", "u.csv"))
    with pytest.raises(GateShutError, match=r"epsilon 0.3"):
        spend(project, 0.7)


def test_another_clock_hides_nothing(project):
    spend(project, 0.7, Workspace(project, lambda: datetime(1999, 1, 1, tzinfo=UTC)))
    assert left(project) == 0.3
    spend(project, 0.2, Workspace(project, lambda: datetime(2999, 1, 1, tzinfo=UTC)))
    assert left(project) == 0.1


def test_a_project_made_anew_in_its_place_begins_a_ledger_of_its_own(project):
    """What is not promised, kept in view: without the ledger nobody knows what was spent, but there is no budget."""
    spend(project, 0.9)
    shutil.rmtree(project / ".secmlops")
    with pytest.raises(GateShutError, match="no budget was set"):
        spend(project, 0.1)
