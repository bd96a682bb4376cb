"""``secmlops data protect|reveal`` on a table of visits: what is handed out, what is refused, and what is on record."""

import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from secmlops.cli.main import _run
from secmlops.data.protection.reveal import DESTROY, REVEAL
from secmlops.datasets import column_store_of
from secmlops.workspace import Workspace

HEADER = "patient,age,city,seen,note,disease,returned"
PROJECT = """\
secmlops: 1
name: clinic
task: binary_classification
data:
  source: visits.csv
  label: returned
  positive: 1
  subject_id: patient
  protect: {patient: pseudonymise_reversibly, seen: shift_dates, note: redact}
  anonymise:
    k: 3
    quasi_identifiers: {age: {hierarchy: age}, city: {}}
    sensitive: {disease: {distinct_l: 2}}
training: {model: logistic_regression}
"""
ANONYMISE = PROJECT[PROJECT.index("  anonymise") : PROJECT.index("training")]
Told = tuple[int, dict[str, Any]]
Verb = Callable[..., Told]


def row(number: int, draw: Random) -> str:
    city, disease = draw.choice(("Delft", "Kobe")), draw.choice(("flu", "ulcer"))
    day = f"2024-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
    return f'P-{number:04},{draw.randint(20, 60)},{city},{day},"=ring 020 7946 0{number + 100}",{disease},{number % 2}'


def write_clinic(folder: Path) -> Path:
    draw = Random(5)
    folder.mkdir(parents=True)
    rows = [row(number, draw) for number in range(60)]
    (folder / "visits.csv").write_text("\n".join([HEADER, *rows, ""]))
    (folder / "secmlops.yaml").write_text(PROJECT)
    return folder


@functools.cache
def protected_once(session: Path) -> tuple[Path, str]:
    """A clinic without anonymisation that was protected, with its keys and users; and one of its pseudonyms."""
    world = session / "protected-clinic"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECMLOPS_KEYS", str(world / "keys"))
        clinic = write_clinic(world / "clinic")
        ask(clinic, ANONYMISE, "")
        out = world / "all.parquet"
        assert _run(["data", "protect", "-C", str(clinic), "--out", str(out)]) == 0
        for user, role in (("eve", "revealer"), ("bob", "engineer")):
            assert _run(["access", "users", "add", user, "--role", role, "-C", str(clinic)]) == 0
        return world, str(pq.read_table(out)["patient"][7])


@pytest.fixture
def clinic(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A clinic before anything was done; one that was protected where a test needs a pseudonym."""
    world = tmp_path_factory.mktemp("clinic") / "world"
    monkeypatch.setenv("SECMLOPS_KEYS", str(world / "keys"))
    if "pseudonym" in request.fixturenames:
        return Path(shutil.copytree(protected_once(tmp_path_factory.getbasetemp())[0], world)) / "clinic"
    return write_clinic(world / "clinic")


@pytest.fixture
def data(clinic: Path, capsys: pytest.CaptureFixture[str]) -> Verb:
    def told(*arguments: str) -> Told:
        capsys.readouterr()
        code = int(_run(["data", *arguments, "-C", str(clinic), "--json"]))
        return code, json.loads(capsys.readouterr().out)

    return told


def ask(clinic: Path, right: str, wrong: str) -> None:
    file = clinic / "secmlops.yaml"
    assert right in file.read_text()
    file.write_text(file.read_text().replace(right, wrong))


def said(clinic: Path, control: str) -> list[Any]:
    return [a.evidence for a in Workspace(clinic).book.all() if a.evidence.control.id == control]


def test_the_table_is_protected_written_guarded_and_on_record(data: Verb, clinic: Path, tmp_path: Path) -> None:
    code, told = data("protect", "--out", str(tmp_path / "out.csv"))
    assert (code, told["protected"], told["rows"], told["guarded_cells"]) == (0, True, 60, 60)
    table = pa_csv.read_csv(tmp_path / "out.csv")
    assert table.column_names == ["age", "city", "seen", "note", "disease", "returned"]
    assert set(table["note"].to_pylist()) == {"'=ring [phone number]"}
    counts = table.group_by(["age", "city"]).aggregate([([], "count_all")])["count_all"].to_pylist()
    assert min(counts) >= 3
    assert {c["column"]: (c["action"], c["after"]) for c in told["columns"]}["patient"] == (
        "pseudonymise_reversibly",
        None,
    )
    (evidence,) = said(clinic, "data.anonymise")
    assert evidence.measures["persons"] >= 3
    assert column_store_of(Workspace(clinic)).rows(evidence.products["anonymised"]) == 60


def test_a_dry_run_says_the_same_and_leaves_nothing(data: Verb, clinic: Path) -> None:
    code, told = data("protect", "--dry-run")
    assert code == 0
    assert said(clinic, "data.protect") == []
    assert Workspace(clinic).vault.list() == ()
    _, done = data("protect")
    assert [(c["control"], c["measures"]) for c in told["controls"] if c["control"] != "data.governance"] == [
        (c["control"], c["measures"])
        for c in done["controls"]
        if c["control"] not in ("data.governance", "data.schema")
    ]
    assert told["columns"] == done["columns"]


def test_another_table_has_the_pseudonyms_of_the_source_and_its_own_name(
    data: Verb, clinic: Path, tmp_path: Path
) -> None:
    march = tmp_path / "march.csv"
    march.write_text("\n".join((clinic / "visits.csv").read_text().splitlines()[:31]) + "\n")
    ask(clinic, ANONYMISE, "")
    assert data("protect", "--out", str(tmp_path / "all.parquet"))[0] == 0
    assert data("protect", str(march), "--out", str(tmp_path / "march.parquet"))[0] == 0
    whole, part = (pq.read_table(tmp_path / name) for name in ("all.parquet", "march.parquet"))
    assert part["patient"].to_pylist() == whole["patient"].to_pylist()[:30]
    assert part["seen"].to_pylist() == whole["seen"].to_pylist()[:30]
    assert [e.subject.name for e in said(clinic, "data.protect")] == ["visits.csv", "march.csv"]


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ("note: redact", "note: keep", "this column tells every row apart"),
        ("note: redact", "age: keep", "phone number"),
        ("k: 3", "k: 61", "k is 61, but the table"),
        ("city: {}", "city: {groups: {EU: [Delft]}}", "a hole"),
        ("seen: shift_dates", "disease: shift_dates", "shift_dates moves dates"),
        ("distinct_l: 2", "distinct_l: 3", "not even the table as one class"),
    ],
)
def test_what_cannot_be_done_is_told_by_a_dry_run(data: Verb, clinic: Path, right: str, wrong: str, why: str) -> None:
    ask(clinic, right, wrong)
    code, told = data("protect", "--dry-run")
    assert code != 0
    assert why in json.dumps(told)


def test_what_cannot_be_done_hands_out_nothing(data: Verb, clinic: Path, tmp_path: Path) -> None:
    ask(clinic, "k: 3", "k: 61")
    out = tmp_path / "out.parquet"
    code, told = data("protect", "--out", str(out))
    assert (code, told["protected"], told["file"]) == (1, False, None)
    assert "k is 61, but the table" in told["controls"][-1]["findings"][0]["message"]
    assert not [p for p in tmp_path.iterdir() if "out.parquet" in p.name]


def test_a_file_that_cannot_be_named_so_is_refused_before_anything_is_done(data: Verb, clinic: Path) -> None:
    assert data("protect", "--out", "protected.xlsx")[0] == 2
    assert data("protect", "--dry-run", "--out", "protected.csv")[0] == 2
    assert data("protect", "missing.csv")[0] == 2
    assert not (clinic / ".secmlops" / "ledger.db").exists() or said(clinic, "data.protect") == []


@pytest.fixture
def pseudonym(tmp_path_factory: pytest.TempPathFactory) -> str:
    return protected_once(tmp_path_factory.getbasetemp())[1]


def reveal(data: Verb, pseudonym: str, user: str, column: str = "patient") -> Told:
    return data("reveal", "visits", pseudonym, "--column", column, "--as", user)


def test_who_has_the_role_learns_the_value_and_the_ledger_does_not(data: Verb, clinic: Path, pseudonym: str) -> None:
    code, told = reveal(data, pseudonym, "eve")
    assert (code, told["values"]) == (0, ["P-0007"])
    evidence = said(clinic, REVEAL)[-1]
    assert evidence.measures == {"pseudonyms": 1.0}
    assert "eve" in evidence.findings[0].message
    ledger = (clinic / ".secmlops" / "ledger.db").read_bytes()
    assert b"P-0007" not in ledger
    assert pseudonym.encode() not in ledger


def test_no_other_role_and_no_right_on_the_data_stands_in_for_it(data: Verb, clinic: Path, pseudonym: str) -> None:
    assert reveal(data, pseudonym, "bob")[0] == 1
    assert data("grant", "visits", "--user", "bob", "--right", "modify")[0] == 0
    assert reveal(data, pseudonym, "bob")[0] == 1
    assert [str(e.outcome) for e in said(clinic, REVEAL)] == ["failed", "failed"]
    assert reveal(data, pseudonym, "mallory")[0] == 2


def test_a_role_that_was_taken_away_ends_it_at_once(data: Verb, clinic: Path, pseudonym: str) -> None:
    assert reveal(data, pseudonym, "eve")[0] == 0
    assert _run(["access", "users", "remove", "eve", "-C", str(clinic)]) == 0
    assert _run(["access", "users", "add", "eve", "--role", "viewer", "-C", str(clinic)]) == 0
    code, told = reveal(data, pseudonym, "eve")
    assert (code, told["error"]["what"]) == (1, "eve: no role allows reversing pseudonyms")


def test_a_destroyed_key_is_said_to_be_gone_and_the_pseudonyms_stay(
    data: Verb, clinic: Path, pseudonym: str, tmp_path: Path
) -> None:
    assert data("destroy", "visits", "patient", "--reversal", "--as", "eve")[0] == 1
    code, told = data("destroy", "visits", "patient", "--reversal", "--as", "bob")
    assert (code, told["reversal"]) == (0, True)
    code, told = reveal(data, pseudonym, "eve")
    assert code == 2
    assert "the key that reverses these pseudonyms is gone" in told["error"]["what"]
    assert data("destroy", "visits", "patient", "--reversal", "--as", "bob")[0] == 2
    assert data("read", "visits", "--as", "bob", "--columns", "patient", "--out", str(tmp_path / "o.csv"))[0] == 0
    assert pseudonym in (tmp_path / "o.csv").read_text()
    assert [str(e.outcome) for e in said(clinic, DESTROY)] == ["failed", "passed"]


def test_what_is_no_pseudonym_of_the_column_is_refused(data: Verb, clinic: Path, pseudonym: str) -> None:
    changed = ("a" if pseudonym[0] != "a" else "b") + pseudonym[1:]
    assert reveal(data, changed, "eve")[0] == 1
    assert "no pseudonym of this column" in reveal(data, "P-0007", "eve")[1]["error"]["what"]
    assert reveal(data, pseudonym, "eve", "note")[0] == 2
    assert "data.protect says redact" in reveal(data, pseudonym, "eve", "note")[1]["error"]["hint"]
    assert data("reveal", "visits", *[pseudonym] * 1001, "--column", "patient", "--as", "eve")[0] == 2
