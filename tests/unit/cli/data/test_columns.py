"""``secmlops data grant|revoke|who|read|destroy`` on a project that was run: from rights to rows, and on record."""

import json
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from kits.small_project import released_copy, write_project
from secmlops.cli.data.rights import columns_of
from secmlops.cli.main import _run
from secmlops.core.errors import InputError
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

COLUMNS = ["monthly_income", "loan_amount", "open_loans", "purpose", "default"]


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    for user, role in (("ada", "viewer"), ("bob", "engineer")):
        assert _run(["access", "users", "add", user, "--role", role, "-C", str(folder)]) == 0
    return folder


@pytest.fixture
def data(project: Path, capsys: pytest.CaptureFixture[str]):
    def told(*arguments: str) -> tuple[int, dict]:
        capsys.readouterr()
        code = int(_run(["data", *arguments, "-C", str(project), "--json"]))
        return code, json.loads(capsys.readouterr().out)

    return told


def test_rights_are_given_told_and_taken_away(data):
    assert data("grant", "loans", "--user", "ada", "--columns", "purpose,default")[0] == 0
    code, told = data("grant", "loans", "--user", "ada", "--columns", "open_loans", "--right", "modify")
    assert (code, told["view"], told["modify"]) == (0, ["default", "purpose"], ["open_loans"])
    who = {one.get("user") or one["role"]: one for one in data("who", "loans")[1]["who"]}
    assert list(who["ada"]["view"].items()) == [("purpose", "granted to user ada"), ("default", "granted to user ada")]
    assert who["bob"]["view"] == dict.fromkeys(COLUMNS, "role engineer allows data.read data:*")
    assert list(who) == ["ada", "bob", "engineer"]
    assert data("revoke", "loans", "--user", "ada", "--columns", "purpose")[1]["view"] == ["default"]
    assert data("revoke", "loans", "--user", "ada")[1]["view"] == []


def test_a_role_is_given_a_right(data, project, tmp_path):
    assert data("grant", "loans", "--role", "viewer", "--columns", "purpose")[0] == 0
    code, told = data("read", "loans", "--as", "ada", "--out", str(tmp_path / "out.csv"))
    assert (code, told["columns"], told["hidden"], told["rows"]) == (0, ["purpose"], 4, 600)
    assert pa_csv.read_csv(tmp_path / "out.csv").column_names == ["purpose"]


def test_whoever_may_reads_and_the_reading_is_on_record(data, project, tmp_path):
    code, told = data(
        "read", "loans.csv", "--as", "bob", "--columns", "purpose", "--out", str(tmp_path / "out.parquet")
    )
    assert (code, told["columns"]) == (0, ["purpose"])
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 600
    said = Workspace(project).book.all()[-1].evidence
    assert (said.control.id, str(said.subject.digest)) == ("data.read", told["digest"])
    assert said.findings[0].message == "read by user:bob: 'purpose'"


def test_whoever_may_not_is_refused_and_that_is_on_record(data, project, tmp_path):
    for columns in ([], ["--columns", "purpose"]):
        code, told = data("read", "loans", "--as", "ada", *columns, "--out", str(tmp_path / "out.csv"))
        assert (code, "no right to view" in told["error"]["what"]) == (1, True)
    assert not (tmp_path / "out.csv").exists()
    said = [a.evidence for a in Workspace(project).book.all()[-2:]]
    assert [(one.control.id, str(one.outcome)) for one in said] == [("data.read", "failed")] * 2


def test_rows_go_to_standard_output_as_csv(project, capfdbinary):
    assert _run(["data", "read", "loans", "--as", "bob", "--columns", "purpose,default", "-C", str(project)]) == 0
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert (lines[0], len(lines)) == ('"purpose","default"', 601)


def test_one_json_object_leaves_no_place_for_rows(data):
    code, told = data("read", "loans", "--as", "bob")
    assert (code, told["error"]["hint"]) == (2, "name one with --out")


def test_a_destroyed_column_is_gone_and_the_rest_can_be_read(data, tmp_path, project, capsys):
    assert data("destroy", "loans", "purpose", "--as", "ada")[0] == 1
    code, told = data("destroy", "loans", "purpose", "--as", "bob")
    assert (code, told["destroyed"]) == (0, "purpose")
    code, told = data("read", "loans", "--as", "bob", "--out", str(tmp_path / "out.csv"))
    assert (code, told["destroyed"], len(told["columns"])) == (0, ["purpose"], 4)
    assert data("read", "loans", "--as", "bob", "--columns", "purpose", "--out", str(tmp_path / "x.csv"))[0] == 2
    assert data("who", "loans")[1]["destroyed"] == ["purpose"]
    assert _run(["data", "who", "loans", "-C", str(project)]) == 0
    assert "destroyed: purpose" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("who", "loan"), "no data set"),
        (("grant", "loans"), "whose right"),
        (("grant", "loans", "--user", "ada", "--role", "viewer"), "whose right"),
        (("grant", "loans", "--user", "eve"), "no user"),
        (("grant", "loans", "--role", "ada"), "no role"),
        (("grant", "loans", "--user", "ada", "--columns", "age"), "no column 'age'"),
        (("grant", "loans", "--user", "ada", "--columns", "purpose,"), "without a name"),
        (("revoke", "loans", "--user", "ada"), "never granted"),
        (("revoke", "loans", "--role", "engineer", "--columns", "purpose"), "never granted"),
        (("read", "loans", "--as", "eve", "--out", "x.csv"), "no user"),
        (("read", "loans", "--as", "bob", "--out", "x.txt"), "neither .csv nor"),
        (("destroy", "loans", "age", "--as", "bob"), "no column 'age'"),
    ],
)
def test_what_cannot_be_done_is_told(data, arguments, told):
    code, answer = data(*arguments)
    assert code == 2
    assert told in answer["error"]["what"]


def test_before_a_run_there_is_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    folder = write_project(tmp_path / "fresh")
    assert _run(["data", "who", "loans", "-C", str(folder)]) == 2
    assert "secmlops run" in capsys.readouterr().err


def test_people_are_told_as_much(project, capsys):
    where = ("-C", str(project))
    assert _run(["data", "grant", "loans", "--user", "ada", *where]) == 0
    assert "user ada may view every column of loans.csv" in capsys.readouterr().out
    assert _run(["data", "read", "loans", "--as", "ada", "--out", str(project / "out.csv"), *where]) == 0
    assert "600 rows of 5 columns written" in " ".join(capsys.readouterr().out.split())
    assert _run(["data", "who", "loans", *where]) == 0
    assert "granted to user ada" in capsys.readouterr().out
    assert _run(["data", "revoke", "loans", "--user", "ada", *where]) == 0
    assert _run(["audit", "log", *where]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "user ada may view * of loans.csv" in said
    assert "user ada may nothing of loans.csv" in said


def test_rights_of_a_revoked_key_are_told(data, project, capsys):
    assert data("grant", "loans", "--user", "ada")[0] == 0
    keys = Workspace(project).keys
    old = keys.signer(Role.GATEWAY).key_id
    keys.rotate(Role.GATEWAY, Workspace(project).clock())
    keys.revoke(old)
    capsys.readouterr()
    assert _run(["data", "who", "loans", "-C", str(project)]) == 0
    assert "1 right on data was given with a key that was revoked" in capsys.readouterr().err
    assert _run(["audit", "log", "-C", str(project)]) == 0
    assert "by a revoked key" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "names"), [(None, ("*",)), ("a, b", ("a", "b")), ('"a,b",c', ("a,b", "c"))])
def test_columns_are_named_with_commas(text, names):
    assert columns_of(text) == names


@pytest.mark.parametrize("text", ["", ",", "a,,b", " ", "*", "a,*"])
def test_a_column_has_a_name(text):
    with pytest.raises(InputError):
        columns_of(text)
