"""Attempts to spend a privacy budget twice: at once, killed, rolled back, copied, renamed, by another clock."""

import shutil
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kits.spending import YAML, left, spend, spending_process, write_project_with_budget
from secmlops.core.errors import GateShutError, VerificationError
from secmlops.datasets import privacy_desk_of
from secmlops.workspace import Workspace


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    return write_project_with_budget(tmp_path / "project")


def test_two_processes_at_once_spend_no_more_than_there_is(project):
    both = [spending_process(project, "go") for _ in range(2)]
    paid = [int(one.communicate(timeout=100)[0]) for one in both]
    assert (sum(paid), left(project)) == (5, 0.0)


@pytest.mark.parametrize(("manner", "left_over"), [("kill", 1.0), ("kill when paid", 0.8)])
def test_a_release_killed_before_it_was_paid_was_seen_by_nobody_and_after_it_stays_paid(project, manner, left_over):
    killed = spending_process(project, manner)
    killed.communicate(timeout=100)
    assert killed.returncode == -signal.SIGKILL
    assert left(project) == left_over
    desk = privacy_desk_of(Workspace(project))
    assert [desk.again(entry, None)[0].ending for entry in desk.account().paid] == [".csv"] * (left_over < 1)


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
