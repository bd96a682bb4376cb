"""Who may ask about a person: looked up, given out and erased only with rights, and who asked is on record."""

import json
from pathlib import Path

import pytest

from secmlops.access.data_rights import Holder, Right
from secmlops.cli.main import _run
from secmlops.core.evidence import Evidence
from secmlops.data_subject.holding import commitments_of
from secmlops.data_subject.record import PERSON
from secmlops.datasets import data_administration_of
from secmlops.workspace import Workspace

YAML = """\
secmlops: 1
name: tiny
task: binary_classification
data: {source: t.csv, label: y, positive: 1, subject_id: who}
training: {model: logistic_regression}
"""
TABLE = "who,a,y\n" + "".join(f"P-{i // 2:03d},{i * 7 % 31},{int(i * 5 % 7 > 2)}\n" for i in range(40))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "secmlops.yaml").write_text(YAML)
    (folder / "t.csv").write_text(TABLE)
    return folder


@pytest.fixture
def ask(project: Path, capsys: pytest.CaptureFixture[str]):
    def told(*arguments: str) -> tuple[int, dict]:
        capsys.readouterr()
        code = int(_run([*arguments, "-C", str(project), "--json"]))
        return code, json.loads(capsys.readouterr().out)

    return told


def said(project: Path) -> Evidence:
    return Workspace(project).book.all()[-1].evidence


def test_without_users_the_operator_asks(ask, project):
    assert ask("subject", "find", "P-003")[1]["tables"][0]["rows"] == 2
    assert (said(project).control.id, said(project).findings[0].message) == (
        "data.subject-find",
        "looked up by operator",
    )
    assert ask("subject", "find", "nobody")[1]["nothing_held"] is True
    assert said(project).findings[0].message == "nothing is held on the person, as operator was told"


def test_with_users_somebody_is_named(ask):
    assert ask("access", "users", "add", "ada", "--role", "viewer")[0] == 0
    for verb in (["find", "P-003"], ["export", "P-003", "--out", "x.json"], ["erase", "P-003"], ["erase", "--finish"]):
        for named in ([], ["--as", "operator"], ["--as", "eve"]):
            assert ask("subject", *verb, *named)[0] == 2
    assert ask("access", "users", "remove", "ada")[0] == 0
    assert ask("subject", "find", "P-003")[0] == 2, "users who were removed do not make the door open again"


def test_each_deed_takes_its_right_and_is_on_record_with_who_did_it(ask, project, tmp_path):
    ask("access", "users", "add", "ada", "--role", "viewer")
    out = tmp_path / "copy.json"
    deeds = {
        "find": ["find", "P-003"],
        "export": ["export", "P-003", "--out", str(out)],
        "erase": ["erase", "P-003"],
        "finish": ["erase", "--finish"],
    }

    def codes() -> list[int]:
        out.unlink(missing_ok=True)
        return [ask("subject", *verb, "--as", "ada")[0] for verb in deeds.values()]

    assert codes() == [1, 1, 1, 1]
    assert not out.exists()
    refused = [a.evidence for a in Workspace(project).book.all()]
    assert [(e.control.id, str(e.outcome)) for e in refused] == [("data.subject-find", "failed")] * 4
    assert refused[0].materials[PERSON] == commitments_of(Workspace(project)).of("P-003")
    assert "P-003" not in str(refused)
    assert PERSON not in refused[3].materials

    ask("access", "users", "add", "root", "--role", "engineer")
    for granted, expected in (
        (["--columns", "who"], [0, 1, 1, 1]),
        ([], [0, 0, 1, 1]),
        (["--right", "modify"], [0, 0, 0, 0]),
    ):
        grant(project, *granted)
        assert codes() == expected
    assert ask("subject", "find", "P-003", "--as", "root")[0] == 0
    assert said(project).findings[0].message == "looked up by user:root"


def grant(project: Path, *options: str) -> None:
    """Grant as an administrator would, were the table stored by column."""
    right = Right(options[-1]) if "--right" in options else Right.VIEW
    columns = ("who",) if "--columns" in options else ("*",)
    data_administration_of(Workspace(project)).grant("t.csv", Holder("user", "ada"), right, columns)


def test_an_erasure_names_who_ordered_it(ask, project):
    code, told = ask("subject", "erase", "P-003", "--yes")
    assert (code, told["erased"][0]["done"]) == (0, True)
    intent = next(a.evidence for a in Workspace(project).book.all() if a.evidence.control.id == "data.erasure-intent")
    assert intent.findings[0].message.startswith("to be erased by operator: 1 tables")
    assert "P-003" not in (project / "t.csv").read_text()
