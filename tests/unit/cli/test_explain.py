"""``secmlops explain``: overall, for one row, and what would have had to be different."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kits.small_project import released_copy
from secmlops.cli.main import _run
from secmlops.core.digest import Digest
from secmlops.workspace import Workspace

ROW = {"monthly_income": 900.0, "loan_amount": 9000.0, "open_loans": 4, "purpose": "car"}


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    return folder


def told(project: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert _run(["explain", *arguments, "-C", str(project), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_without_a_row_the_features_are_ranked(project, capsys) -> None:
    ranked = told(project, capsys)["features"]
    assert {one["feature"] for one in ranked} == set(ROW)
    assert ranked == sorted(ranked, key=lambda one: -one["mean_contribution"])
    assert _run(["explain", "-C", str(project)]) == 0
    assert "mean contribution" in capsys.readouterr().out


def test_the_features_of_a_named_release_are_those_of_its_model_or_refused(project, capsys, monkeypatch) -> None:
    (name,) = (folder.name for folder in (project / "releases").iterdir())
    assert told(project, capsys, name) == told(project, capsys)
    assert _run(["explain", "nowhere", "-C", str(project)]) == 2
    assert "never published" in capsys.readouterr().err
    published = Workspace(project).release(name)
    other = replace(published, manifest=replace(published.manifest, model=Digest.of(b"another")))
    monkeypatch.setattr(Workspace, "release", lambda self, name: other)
    assert _run(["explain", name, "-C", str(project)]) == 2
    assert "another model" in capsys.readouterr().err


def test_a_row_without_a_table_is_one_that_the_model_never_saw(project, capsys) -> None:
    (name,) = (folder.name for folder in (project / "releases").iterdir())
    one = told(project, capsys, name, "--row", "2")["explanation"]
    lines = (project / "loans.csv").read_text().splitlines()
    amounts = [dict(zip(lines[0].split(","), line.split(","), strict=True))["loan_amount"] for line in lines[1:]]
    shown = {c["feature"]: c["value"] for c in one["contributions"]}
    assert float(shown["loan_amount"]) in [pytest.approx(float(amount)) for amount in amounts]
    assert told(project, capsys, "--row", "2")["explanation"] == one
    assert told(project, capsys, name, "--row", "3")["explanation"] != one


def test_a_row_of_a_table_and_the_same_values_are_told_alike(project, capsys) -> None:
    header, first = (project / "loans.csv").read_text().splitlines()[:2]
    named = dict(zip(header.split(","), first.split(","), strict=True))
    values = {name: named[name] if name == "purpose" else float(named[name]) for name in ROW}
    from_table = told(project, capsys, "--data", str(project / "loans.csv"), "--row", "1")["explanation"]
    from_values = told(project, capsys, "--values", json.dumps(values))["explanation"]
    assert from_table == from_values
    assert (
        abs(from_table["base"] + sum(c["contribution"] for c in from_table["contributions"]) - from_table["output"])
        < 1e-4
    )


def test_what_would_have_been_decided_otherwise_keeps_to_what_may_change(project, capsys) -> None:
    fixed = ["--fixed", "purpose", "--fixed", "loan_amount", "--up", "monthly_income", "--down", "open_loans"]
    answer = told(project, capsys, "--values", json.dumps(ROW), "--otherwise", *fixed)
    decided = answer["explanation"]["decided"]
    assert answer["otherwise"]
    for one in answer["otherwise"]:
        changes = {change["feature"]: (change["before"], change["after"]) for change in one["changes"]}
        assert set(changes) <= {"monthly_income", "open_loans"}
        again = told(
            project, capsys, "--values", json.dumps(ROW | {name: after for name, (_, after) in changes.items()})
        )
        assert again["explanation"]["decided"] != decided
    assert _run(["explain", "--values", json.dumps(ROW), "--otherwise", *fixed, "-C", str(project)]) == 0
    assert "it would have been decided otherwise" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--otherwise"], "about one row"),
        (["--row", "9999"], "were kept back"),
        (["--data", "loans.csv"], "table and its number"),
        (["--data", "loans.csv", "--row", "9999"], "there is no row 9999"),
        (["--data", "nowhere.csv", "--row", "1"], "cannot be read"),
        (["--values", "{"], "not a JSON object"),
        (["--values", "[1]"], "not a JSON object"),
        (["--values", "{}", "--row", "1"], "name another"),
        (["--values", '{"purpose": "car"}'], "is missing"),
        (["--values", json.dumps(ROW), "--otherwise", "--up", "nothing"], "no feature 'nothing'"),
        (["small-9", "--values", json.dumps(ROW)], "never published"),
    ],
)
def test_bad_questions_get_clear_answers(project, capsys, monkeypatch, arguments: list[str], words: str) -> None:
    monkeypatch.chdir(project)
    assert _run(["explain", *arguments, "-C", str(project)]) == 2
    assert words in capsys.readouterr().err.replace("\n", " ")
