import json
from pathlib import Path

import pytest

from secmlops import Evidence, Outcome, Stage, Subject, SubjectKind
from secmlops.cli.main import main
from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

PROJECT = """\
secmlops: 1
name: shop
task: binary_classification
data: {source: orders.csv, label: returned, positive: yes}
training: {model: logistic_regression}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    made = tmp_path / "shop"
    made.mkdir()
    (made / "orders.csv").write_text("amount,returned\n1,yes\n2,no\n3,yes\n")
    (made / "secmlops.yaml").write_text(PROJECT)
    return made


def code_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    return int(stopped.value.code or 0)


def test_the_report_lies_in_the_project_and_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("report", "-C", str(folder), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    page = folder / "report.html"
    assert told["file"] == str(page)
    assert told["digest"] == str(Digest.of(page.read_bytes()))
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_another_file_may_be_named_and_is_replaced_whole(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("earlier")
    assert code_of("report", "-C", str(folder), "--output", str(page)) == 0
    assert "shop" in page.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["page.html"]


def test_a_place_that_cannot_be_written_is_an_input_error(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of("report", "-C", str(folder), "--output", str(tmp_path / "absent" / "page.html")) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_release_that_cannot_be_read_is_told_and_not_used(folder: Path) -> None:
    workspace = Workspace(folder)
    digest, signer = Digest.of(b"manifest"), workspace.keys.signer(Role.RELEASER)
    published = Evidence(
        control=ControlRef("release.publish", "1", digest),
        stage=Stage.RELEASE,
        subject=Subject(SubjectKind.RELEASE, "shop-1", digest),
        outcome=Outcome.PASSED,
        at=workspace.clock(),
        materials={"verdict": digest, "model": digest},
    )
    workspace.book.append(published, signer)
    broken = folder / "releases" / "shop-1"
    broken.mkdir(parents=True)
    (broken / "release.json").write_text("{}")
    assert code_of("report", "-C", str(folder)) == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "No: the latest release must not be used" in page
    assert "release shop-1" in page


def test_a_folder_without_a_project_gets_no_report(tmp_path: Path) -> None:
    assert code_of("report", "-C", str(tmp_path)) == 2
    assert not (tmp_path / "report.html").exists()
