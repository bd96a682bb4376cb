"""``secmlops data protect`` on a table larger than memory: the same result as of a smaller one, and never a half."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from secmlops.cli.main import _run
from secmlops.core.digest import Digest
from secmlops.data.columns.store import ColumnStore
from secmlops.data.sources.location import Location
from secmlops.data.sources.memory import Allowance
from secmlops.datasets import column_store_of
from secmlops.lifecycle import protecting_in_parts
from secmlops.workspace import Workspace

PROJECT = """\
secmlops: 1
name: clinic
task: binary_classification
data:
  source: visits
  label: returned
  positive: 1
  subject_id: patient
  protect: {patient: pseudonymise_reversibly, seen: shift_dates, note: redact, card: mask, phone: encrypt,
            doctor: pseudonymise, age: generalise, name: drop}
  governance:
    {purpose: [care], legal_basis: consent, source: ward, owner: board, retention: 90d, sensitivity: confidential,
     consent: {column: agreed, withdrawn: gone.txt}}
training: {model: logistic_regression, purpose: care}
"""
ROWS = 90
Told = tuple[int, dict[str, Any]]
Verb = Callable[..., Told]


def visits() -> pa.Table:
    draw = np.random.default_rng(3)
    whose = draw.integers(0, 30, ROWS)
    return pa.table(
        {
            "patient": [f"P-{i:04}" for i in whose],
            "name": [f"Anna Schmidt {i}" for i in whose],
            "seen": [date(2024, 1, 1) + timedelta(int(i)) for i in draw.integers(0, 300, ROWS)],
            "note": [f"call 020 7946 0{i + 100}" for i in range(ROWS)],
            "card": ["4111 1111 1111 1111"] * ROWS,
            "phone": [f"+44 20 7946 0{i + 100}" for i in range(ROWS)],
            "doctor": [f"D{i}" for i in draw.integers(0, 9, ROWS)],
            "age": draw.integers(20, 60, ROWS),
            "agreed": draw.random(ROWS) < 0.9,
            "returned": draw.integers(0, 2, ROWS),
        }
    )


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    monkeypatch.setattr(protecting_in_parts, "IN_PARTS", 0)
    clinic = tmp_path / "clinic"
    (clinic / "visits").mkdir(parents=True)
    table = visits()
    for number, start in enumerate(range(0, ROWS, 40)):
        pq.write_table(table.slice(start, 40), clinic / "visits" / f"{number}.parquet", row_group_size=16)
    (clinic / "gone.txt").write_text("P-0003\nP-9999\n")
    (clinic / "secmlops.yaml").write_text(PROJECT)
    return clinic


@pytest.fixture
def protect(clinic: Path, capsys: pytest.CaptureFixture[str]) -> Verb:
    def told(*arguments: str) -> Told:
        capsys.readouterr()
        code = int(_run(["data", "protect", *arguments, "-C", str(clinic), "--json"]))
        return code, json.loads(capsys.readouterr().out)

    return told


def said(clinic: Path) -> dict[str, Any]:
    return {a.evidence.control.id: a.evidence for a in Workspace(clinic).book.all()}


@pytest.mark.parametrize("source", ["visits", "visits.csv"])
def test_it_is_protected_as_in_one_piece_and_on_record(
    source: str, protect: Verb, clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pa_csv.write_csv(visits(), clinic / "visits.csv")
    (clinic / "secmlops.yaml").write_text(PROJECT.replace("source: visits", f"source: {source}"))
    out = tmp_path / "parts.parquet"
    code, told = protect("--out", str(out))
    assert (code, told["protected"]) == (0, True)
    evidence = said(clinic)
    assert set(evidence) == {"data.personal", "data.governance", "data.protect"}
    made, rows = evidence["data.protect"], told["rows"]
    assert made.subject.digest == Digest.of(Location(source, clinic).whole(Allowance.now()))
    assert evidence["data.governance"].measures["rows"] == rows < ROWS
    assert "protected in parts" in json.dumps([finding.message for finding in made.findings])
    assert {c["column"]: c["action"] for c in told["columns"]}["age"] == "generalise"
    assert column_store_of(Workspace(clinic)).read(made.products["protected"]).equals(pq.read_table(out))
    with monkeypatch.context() as patch:
        patch.setattr(protecting_in_parts, "IN_PARTS", 2**40)
        patch.setattr(protecting_in_parts.Protect, "version", "other")  # or the evidence would be used again
        whole = tmp_path / "whole.parquet"
        assert protect("--out", str(whole))[0] == 0
    again = said(clinic)["data.protect"]
    assert again.products == made.products
    assert again.measures["protected_cells"] == made.measures["protected_cells"]
    assert pq.read_table(whole).equals(pq.read_table(out))


def test_a_dry_run_tells_by_a_sample_and_leaves_nothing(protect: Verb, clinic: Path) -> None:
    code, told = protect("--dry-run")
    assert (code, told["protected"]) == (0, True)
    assert said(clinic) == {}
    assert column_store_of(Workspace(clinic)).list() == ()


def test_what_would_be_left_hands_out_nothing(
    protect: Verb, clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One mention that the first sample misses is found in the sample of what was protected."""
    monkeypatch.setattr(protecting_in_parts, "SAMPLE_ROWS", 20)
    table = visits()
    remarks = [*["all is well"] * (ROWS - 30), *["call 020 7946 0100"] * 30]
    (clinic / "secmlops.yaml").write_text(
        PROJECT.replace("consent: {column: agreed, withdrawn: gone.txt}", "")
        .replace("confidential,", "confidential")
        .replace("legal_basis: consent", "legal_basis: contract")
    )
    late = table.append_column("remark", pa.array(remarks))
    for file in (clinic / "visits").iterdir():
        file.unlink()
    pq.write_table(late, clinic / "visits" / "0.parquet")
    seen = protecting_in_parts.take_in

    def early(*arguments: Any) -> Any:
        intake = seen(*arguments)
        plain = intake.consented.table.set_column(10, "remark", pa.array(["all is well"] * 20))
        return replace(intake, consented=replace(intake.consented, table=plain))

    monkeypatch.setattr(protecting_in_parts, "take_in", early)
    out = tmp_path / "out.csv"
    code, told = protect("--out", str(out))
    assert (code, told["protected"], told["file"]) == (1, False, None)
    assert "remark" in json.dumps(told["controls"][-1]["findings"])
    assert not out.exists()
    assert column_store_of(Workspace(clinic)).list() == ()


def test_csv_is_written_part_by_part(protect: Verb, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "parts.csv"
    assert protect("--out", str(out))[0] == 0
    assert set(pa_csv.read_csv(out)["note"].to_pylist()) == {"call [phone number]"}


def test_nothing_is_left_when_the_disk_is_full(protect: Verb, clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("secmlops.data.sources.spool.write_sealed", full)
        code, told = protect()
    assert code == 2
    assert "No space left" in told["error"]["what"]
    assert "data.protect" not in said(clinic)
    assert protect()[0] == 0


KILLED = """
import os, signal, sys
from secmlops.cli.main import _run
from secmlops.data.columns.files import SealedFiles
from secmlops.lifecycle import protecting_in_parts
protecting_in_parts.IN_PARTS = 0
write = SealedFiles.write
def deadly(self, place, *rest):
    if place.column is None:
        os.kill(os.getpid(), signal.SIGKILL)
    return write(self, place, *rest)
SealedFiles.write = deadly
_run(["data", "protect", "-C", sys.argv[1], "--out", sys.argv[2]])
"""


def test_a_kill_in_the_middle_leaves_the_old_state(protect: Verb, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    out.write_bytes(b"old")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run([sys.executable, "-c", KILLED, clinic, out], env=plain, check=False, capture_output=True)
    assert done.returncode == -9
    assert out.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == ["out.parquet"]
    assert "data.protect" not in said(clinic)
    assert column_store_of(Workspace(clinic)).list() == ()
    objects = [path for path in (clinic / ".secmlops").rglob("*") if path.is_file()]
    assert not any(b"020 7946" in path.read_bytes() for path in objects)
    assert protect("--out", str(out))[0] == 0
    assert pq.read_table(out).num_rows == ColumnStore.rows(
        column_store_of(Workspace(clinic)), said(clinic)["data.protect"].products["protected"]
    )


def test_a_column_that_is_not_there_is_told_before_anything_is_read(protect: Verb, clinic: Path) -> None:
    (clinic / "secmlops.yaml").write_text(PROJECT.replace("doctor:", "nurse:"))
    code, told = protect()
    assert code == 2
    assert "nurse" in json.dumps(told)
