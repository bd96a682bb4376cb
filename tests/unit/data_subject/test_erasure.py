"""A person is found, exported and erased, and no trace of the name is left."""

import json
from pathlib import Path
from typing import Any

import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from kits.persons_world import PERSON, write_persons
from secmlops.cli import subject
from secmlops.cli.data import protect
from secmlops.core.errors import InputError
from secmlops.core.stage import Stage
from secmlops.data.protection.control import Protect
from secmlops.data.protection.reversal_keys import ReversalKeys
from secmlops.data_subject.holding import find_person
from secmlops.data_subject.record import NOTHING
from secmlops.datasets import column_store_of
from secmlops.ledger.audit import audit
from secmlops.lifecycle import protecting_in_parts
from secmlops.lifecycle.sealed import product_kind
from secmlops.pipeline import Silence, run_pipeline
from secmlops.training.sandbox import scratch
from secmlops.trust.roles import Role
from secmlops.verification import verify_path
from secmlops.workspace import Workspace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    return write_persons(tmp_path / "small")


def asked(folder: Path, *words: str) -> dict[str, Any]:
    done = CliRunner().invoke(subject.command, [*words, "-C", str(folder), "--json"], standalone_mode=False)
    assert done.exception is None, done.output
    assert done.return_value == 0
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_person_is_found_exported_and_erased(folder: Path, tmp_path: Path) -> None:
    run_pipeline(Workspace(folder), Silence(), Stage.DATA)
    found = asked(folder, "find", PERSON)
    assert [(held["place"], held["rows"]) for held in (*found["tables"], *found["protected"])] == [
        ("file", 2),
        ("vault", 2),
        ("columns", 2),
    ]
    asked(folder, "export", PERSON, "--out", str(tmp_path / "copy.json"))
    copy = json.loads((tmp_path / "copy.json").read_text())
    assert [[row["customer"] for row in one["rows"]] for one in copy["tables"]] == [[PERSON, PERSON]]
    assert (tmp_path / "copy.json").stat().st_mode & 0o777 == 0o600

    assert asked(folder, "erase", PERSON)["planned"] is True  # the plan alone
    assert PERSON in (folder / "loans.csv").read_text()
    (done,) = asked(folder, "erase", PERSON, "--yes")["erased"]
    assert (done["done"], done["measures"]["left_rows"], done["measures"]["left_objects"]) == (True, 0, 0)
    text = (folder / "loans.csv").read_text()
    assert PERSON not in text
    assert text.count("\n") == 119
    assert asked(folder, "find", PERSON)["nothing_held"] is True
    _accepted(folder, done["certificate"], tmp_path)


def _accepted(folder: Path, entry: int, scratch: Path) -> None:
    workspace = Workspace(folder)
    (scratch / "receipt").write_text(workspace.ledger.receipt(entry))
    assert verify_path(scratch / "receipt", workspace.keys.ring()).ok
    assert audit(workspace.ledger_storage(), workspace.keys.ring().keys(Role.LOG), workspace.origin).ok
    stored = b"".join(path.read_bytes() for path in (folder / ".secmlops").rglob("*") if path.is_file())
    assert PERSON.encode() not in stored


def test_of_an_unknown_person_nothing_is_held_and_no_name_recorded(folder: Path) -> None:
    assert asked(folder, "erase", "Nobody-Known", "--yes")["nothing_held"] is True
    workspace = Workspace(folder)
    assert [a.evidence.control.id for a in workspace.book.all()] == [NOTHING]
    assert b"Nobody-Known" not in b"".join(p.read_bytes() for p in (folder / ".secmlops").rglob("*") if p.is_file())


def test_without_a_column_of_persons_nobody_can_be_found(folder: Path) -> None:
    file = folder / "secmlops.yaml"
    file.write_text(file.read_text().replace("  subject_id: customer\n", ""))
    with pytest.raises(InputError, match="nothing says whom"):
        find_person(Workspace(folder), PERSON)


def test_a_person_or_finish_and_not_both(folder: Path) -> None:
    for words in (["erase"], ["erase", PERSON, "--finish"]):
        done = CliRunner().invoke(subject.command, [*words, "-C", str(folder)], standalone_mode=False)
        assert isinstance(done.exception, InputError)
    assert asked(folder, "erase", "--finish")["erased"] == []


def test_where_the_key_of_pseudonyms_was_destroyed_the_table_of_them_goes_with_its_source(folder: Path) -> None:
    file = folder / "secmlops.yaml"
    file.write_text(file.read_text().replace("customer: pseudonymise", "customer: pseudonymise_reversibly"))
    run_pipeline(Workspace(folder), Silence(), Stage.DATA)
    workspace = Workspace(folder)
    tables = column_store_of(workspace).list()
    assert asked(folder, "find", PERSON)["protected"]
    assert ReversalKeys(workspace.vault).destroy(Protect().domain("loans.csv", "customer"))
    found = asked(folder, "find", PERSON)
    assert found["protected"] == []  # nobody can tell any more who is meant there
    assert [held["place"] for held in found["tables"]] == ["file", "vault"]
    (done,) = asked(folder, "erase", PERSON, "--yes", "--without-model")["erased"]
    assert done["done"] is True
    assert not set(tables) & set(column_store_of(Workspace(folder)).list())


@pytest.mark.parametrize("action", ["pseudonymise", "mask"])
def test_a_table_that_was_protected_in_parts_goes_or_is_told_as_not_searched(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    project = folder / "secmlops.yaml"
    project.write_text(project.read_text().replace("customer: pseudonymise", f"customer: {action}"))
    monkeypatch.setattr(protecting_in_parts, "IN_PARTS", 0)
    march = tmp_path / "march.parquet"
    pq.write_table(arrow_csv.read_csv(folder / "loans.csv"), march)
    protecting = [str(march), "-C", str(folder), "--json"]
    assert CliRunner().invoke(protect.command, protecting, standalone_mode=False).return_value == 0
    (table,) = column_store_of(Workspace(folder)).list()
    monkeypatch.setattr(scratch, "SHARED_MEMORY", tmp_path)
    killed = (  # what was killed: an erasure while it rewrote the file, a training, the storing of a table
        folder / ".loans.csv.0123456789abcdef",
        tmp_path / "secmlops-room-left/scratch/in/train.arrow",
        folder / ".secmlops/vault/objects/.incoming/half",
    )
    for left in killed:
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_text(PERSON)
    vault = Workspace(folder).vault
    model = vault.put(b"of a training that was killed before it said so", product_kind("training.run", "model.onnx"))
    (done,) = asked(folder, "erase", PERSON, "--yes")["erased"]
    assert not vault.has(model, product_kind("training.run", "model.onnx"))
    told = action == "mask"
    assert (done["measures"]["unread_tables"], done["measures"]["destroyed_objects"]) == (int(told), int(not told))
    assert ("could not be searched" in done["findings"][0]) is told  # what a verifier is shown
    assert column_store_of(Workspace(folder)).list() == ((table,) if told else ())
    assert not any(left.exists() for left in killed)


def test_a_person_in_nothing_but_a_protected_table_is_erased(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protecting_in_parts, "IN_PARTS", 0)
    march = tmp_path / "march.parquet"
    pq.write_table(arrow_csv.read_csv(folder / "loans.csv"), march)
    protecting = [str(march), "-C", str(folder), "--json"]
    assert CliRunner().invoke(protect.command, protecting, standalone_mode=False).return_value == 0
    (folder / "loans.csv").write_text("customer,default\nC-9998,0\nC-9999,1\n")
    (done,) = asked(folder, "erase", PERSON, "--yes")["erased"]
    assert (done["done"], done["measures"]["destroyed_objects"]) == (True, 1)
    assert asked(folder, "find", PERSON)["nothing_held"] is True


def test_a_person_is_found_in_what_was_protected_before_the_source_was_renamed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protecting_in_parts, "IN_PARTS", 0)
    project, table = folder / "secmlops.yaml", arrow_csv.read_csv(folder / "loans.csv")
    pq.write_table(table, folder / "loans.parquet")
    project.write_text(project.read_text().replace("loans.csv", "loans.parquet"))
    protecting = ["-C", str(folder), "--json"]
    assert CliRunner().invoke(protect.command, protecting, standalone_mode=False).return_value == 0
    project.write_text(project.read_text().replace("loans.parquet", "moved.csv"))
    assert [held["place"] for held in asked(folder, "find", PERSON)["protected"]] == ["columns"]
