"""``secmlops release``: what the ledger knows of releases, and a revocation that nobody can take back."""

import json
import shutil
from pathlib import Path

import pytest

from kits.small_project import released_copy, write_project
from secmlops.cli.main import _run
from secmlops.core.errors import VerificationError
from secmlops.gateway.loading import load
from secmlops.workspace import Workspace

REASON = ("--reason", "trained on mislabelled rows")


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    return folder


def secmlops(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> tuple[int, dict]:
    capsys.readouterr()
    code = int(_run(["release", *arguments, "-C", str(folder), "--json"]))
    return code, json.loads(capsys.readouterr().out)


def test_releases_are_listed_with_whether_they_may_be_used(project, capsys) -> None:
    code, told = secmlops(capsys, project, "list")
    (one,) = told["releases"]
    assert (code, one["release"], one["obstacle"]) == (0, "small-1", "")
    assert _run(["release", "list", "-C", str(project)]) == 0
    assert "yes" in capsys.readouterr().out


def test_without_a_release_the_next_step_is_told(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    folder = write_project(tmp_path / "fresh")
    assert secmlops(capsys, folder, "list") == (0, {"exit_code": 0, "releases": []})
    assert _run(["release", "list", "-C", str(folder)]) == 0
    assert "secmlops run" in capsys.readouterr().out


def test_a_revoked_release_is_served_no_more_and_the_reason_is_kept(project, capsys) -> None:
    code, told = secmlops(capsys, project, "revoke", "small-1", *REASON)
    assert (code, told["release"], told["reason"]) == (0, "small-1", REASON[1])
    workspace = Workspace(project)
    with pytest.raises(VerificationError, match="mislabelled"):
        load(workspace, workspace.release())
    (one,) = secmlops(capsys, project, "list")[1]["releases"]
    assert one["obstacle"].startswith("revoked ")
    assert _run(["release", "list", "-C", str(project)]) == 0
    assert "no: revoked" in " ".join(capsys.readouterr().out.split())
    assert _run(["status", "-C", str(project)]) == 0
    assert "small-1 must not be used: revoked" in " ".join(capsys.readouterr().out.split())
    assert secmlops(capsys, project, "revoke", "small-1", *REASON)[0] == 0  # said twice, it is still so


def test_one_whose_files_are_gone_can_be_revoked(project, capsys) -> None:
    shutil.rmtree(project / "releases" / "small-1")
    assert _run(["release", "revoke", "small-1", *REASON, "-C", str(project)]) == 0
    assert "revoked: small-1" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["small-2", "../small-1", "", "other-1"])
def test_what_was_never_published_cannot_be_revoked(project, capsys, name) -> None:
    size = Workspace(project).ledger.size
    code, told = secmlops(capsys, project, "revoke", name, *REASON)
    assert (code, "never published" in told["error"]["what"]) == (2, True)
    assert Workspace(project).ledger.size == size


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\x1b[31mb", "two\nlines"])
def test_a_reason_is_short_and_can_be_read(project, capsys, reason) -> None:
    code, told = secmlops(capsys, project, "revoke", "small-1", "--reason", reason)
    assert (code, told["error"]["where"]) == (2, "--reason")


def test_without_a_reason_nothing_is_revoked(project, capsys) -> None:
    assert secmlops(capsys, project, "revoke", "small-1")[0] == 2


def test_running_again_does_not_take_a_revocation_back(project, capsys) -> None:
    secmlops(capsys, project, "revoke", "small-1", *REASON)
    assert _run(["run", "-C", str(project)]) == 1
    said = capsys.readouterr().err
    assert "this very model was revoked" in said
    assert "small-1: trained on mislabelled rows" in said
    assert [path.name for path in (project / "releases").iterdir()] == ["small-1"]
