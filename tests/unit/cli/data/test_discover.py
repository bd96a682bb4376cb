"""The verb ``data discover``: tables, texts, folders and standard input; never a value of them."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from secmlops.cli.main import main

Said = Callable[..., tuple[int, str, str]]
ROWS = "".join(f"Anna Schmidt,p{i}@example.org,{i}\n" for i in range(30))


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(["data", "discover", *map(str, arguments)])
        out, err = capsys.readouterr()
        return stopped.value.code, out, err

    return run


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(f"full_name,contact,amount\n{ROWS}")
    return path


def test_a_table_is_told_by_columns_within_a_hundred_characters(people: Path, said: Said) -> None:
    code, out, _ = said(people)
    assert code == 0
    assert "people.csv: 30 rows" in out
    assert "full_name" in out
    assert "e-mail address" in out
    assert "HIPAA F" in out
    assert "Schmidt" not in out
    assert "example.org" not in out
    assert max(map(len, out.splitlines())) <= 100


def test_json_has_kinds_shares_and_laws(people: Path, said: Said) -> None:
    code, out, _ = said(people, "--json")
    told = json.loads(out)
    (file,) = told["files"]
    assert (code, file["form"], file["rows"], file["searched"]) == (0, "table", 30, 30)
    assert [(c["column"], c["kinds"], c["suggestion"]) for c in file["columns"]] == [
        ("full_name", ["person name"], "drop"),
        ("contact", ["e-mail address"], "drop"),
    ]
    assert "GDPR Art. 4(1)" in file["columns"][0]["law"]
    assert "Schmidt" not in out


def test_a_proposal_is_written_once(people: Path, tmp_path: Path, said: Said) -> None:
    target = tmp_path / "protect.yaml"
    code, out, _ = said(people, "--write", target)
    assert (code, "edit it" in out) == (0, True)
    assert yaml.safe_load(target.read_text()) == {"data": {"protect": {"full_name": "drop", "contact": "drop"}}}
    code, _, err = said(people, "--write", target)
    assert (code, "already" in err) == (2, True)


def test_a_text_is_told_by_places(tmp_path: Path, said: Said) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(b"M\xfcller\n" + b"anna@example.org\n" * 5)
    code, out, err = said(path)
    assert code == 0
    assert "2:1 3:1 4:1 ..." in out
    assert "Windows-1252" in err
    assert "2:1 3:1 4:1 5:1 6:1" in said(path, "--full")[1]
    told = json.loads(said(path, "--json")[1])["files"][0]["mentions"]
    assert [(m["line"], m["column"], m["kind"]) for m in told][:1] == [(2, 1, "e-mail address")]


def test_a_folder_is_told_file_by_file(people: Path, said: Said) -> None:
    (people.parent / "x.png").write_bytes(b"\x89PNG\0")
    (people.parent / "plain.txt").write_text("nothing in here")
    code, out, _ = said(people.parent)
    assert code == 0
    assert "passed over" in out
    assert "plain.txt: 15 characters\n  no personal data was found" in out
    forms = {file["name"]: file["form"] for file in json.loads(said(people.parent, "--json")[1])["files"]}
    assert forms == {"people.csv": "table", "plain.txt": "text", "x.png": "passed over"}


def test_standard_input_is_a_text_unless_told(monkeypatch: pytest.MonkeyPatch, said: Said) -> None:
    for form, wanted in (([], "text"), (["--as", "table"], "table")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"who,contact,amount\n{ROWS}".encode())))
        told = json.loads(said("-", "--json", *form)[1])
        assert (told["files"][0]["name"], told["files"][0]["form"]) == ("standard input", wanted)


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("none.csv", [], "no such file"),
        ("empty.txt", [], "nothing in it"),
        ("note.txt", ["--write", "p.yaml"], "no table was searched"),
        ("note.txt", ["--model", "none"], "no entity model"),
        ("note.txt", ["--as", "table"], "note.txt"),
    ],
)
def test_what_cannot_be_done_says_so(name: str, options: list[str], told: str, tmp_path: Path, said: Said) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "note.txt").write_text("anna@example.org")
    code, _, err = said(tmp_path / name, *options)
    assert code == 2
    assert told in err
    assert "anna" not in err
