"""Tables and project files that cannot be used: a clear message, the right exit code, and nothing half-written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from secmlops.workspace import Workspace

HEAD = "a,b,y\n"


def table(row: Callable[[int], object], rows: int = 60, head: str = HEAD) -> str:
    return head + "".join(f"{row(i)}\n" for i in range(rows))


def plain(i: int) -> str:
    return f"{i * 7 % 31 + 0.5},{'uvw'[i % 3]},{int(i * 5 % 7 > 2)}"


REFUSED = {
    "empty": ("", "the file is empty"),
    "header only": (HEAD, "a header and no rows"),
    "one row": (table(plain, 1), "at least two rows"),
    "too few rows": (table(plain, 5), "at least 10 are needed"),
    "single class": (table(lambda i: f"{i},b,1"), "the label has a single class"),
    "three classes": (table(lambda i: f"{i},b,{i % 3}"), "a binary label has two classes, here are 3"),
    "label missing": (table(lambda i: f"{i},b,{i % 2 if i > 5 else ''}"), "the label is missing in 6 rows"),
    "column twice": (table(plain, head="a,a,y\n"), "column names that appear twice: 'a'"),
    "no such column": (table(plain, head="a,b,z\n"), "secmlops.yaml:4: data.label: t.csv has no column 'y'"),
    "wrong delimiter": (table(lambda i: plain(i).replace(",", ":"), head="a:b:y\n"), "separator ':'"),
    "cut row": (table(plain) + "1,2\n", "line 62: 2 cells where the header has 3"),
    "spreadsheet": (b"PK\x03\x04....", "a ZIP archive or a spreadsheet"),
    "pickle": (b"\x80\x04\x95....", "pickles can run code"),
    "NUL bytes": (table(plain).encode() + b"\0\0", "NUL byte"),
    "constant columns": (table(lambda i: f"1,b,{i % 2}"), "no column is left to learn from"),
    "not the event": (table(lambda i: f"{i},b,{'yes' if i % 2 else 'no'}"), "positive is '1'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_table_that_cannot_be_used_is_two_with_a_reason(tiny: Path, case: str, secmlops) -> None:
    content, what = REFUSED[case]
    (tiny / "t.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    said = secmlops("run", "-C", tiny)
    assert said.code == 2, said
    assert what in said.err
    assert "t.csv" in said.err
    assert "what to do" in said.err or "secmlops.yaml:4" in said.err
    assert {p.name for p in tiny.iterdir()} == {"secmlops.yaml", "t.csv", ".secmlops"}
    (tiny / "t.csv").write_text(table(plain), encoding="utf-8")
    assert secmlops("run", "-C", tiny, "--until", "data").code == 0, "once it is mended the run goes on"
    assert secmlops("audit", "verify", "-C", tiny).code == 0


READ = {
    "latin-1": table(lambda i: f"{i * 7 % 31},M{'üöä'[i % 3]}ller,{i * 5 % 7 % 2}").encode("latin-1"),
    "BOM": b"\xef\xbb\xbf" + table(plain).encode(),
    "UTF-16": table(plain).encode("utf-16"),
    "semicolons": table(lambda i: plain(i).replace(",", ";"), head="a;b;y\n").encode(),
    "dates": table(lambda i: f"2024-{i % 12 + 1:02}-{i % 28 + 1:02},{'uvw'[i % 3]},{i * 5 % 7 % 2}").encode(),
    "mixed types": table(lambda i: f"{'none' if i == 7 else i * 7 % 31},{'uvw'[i % 3]},{i * 5 % 7 % 2}").encode(),
    "missing features": table(lambda i: f"{'' if i % 9 == 0 else i * 7 % 31},{'uvw'[i % 3]},{i * 5 % 7 % 2}").encode(),
    "long cells": table(lambda i: f"{i * 7 % 31},{'x' * 20_000}{i % 3},{i * 5 % 7 % 2}").encode(),
}


@pytest.mark.parametrize("case", READ)
def test_an_unusual_table_is_read(tiny: Path, case: str, secmlops) -> None:
    (tiny / "t.csv").write_bytes(READ[case])
    said = secmlops("run", "-C", tiny, "--until", "data")
    assert said.code == 0, said


def test_a_guessed_encoding_is_on_record(tiny: Path, secmlops) -> None:
    (tiny / "t.csv").write_bytes(READ["latin-1"])
    schema = secmlops("run", "-C", tiny, "--until", "data", "--json").data["stages"][1]["controls"][0]
    assert any("UTF-8" in f["message"] for f in schema["findings"]), schema["findings"]


SHUT = {
    "infinite": (table(lambda i: f"{'inf' if i == 3 else i},{'uvw'[i % 3]},{i % 2}"), "infinite"),
    "20,000 categories": (table(lambda i: f"{i * 7919 % 1000},c{i},{i * 5 % 7 % 2}", 20_000), "column 'b'"),
}


@pytest.mark.parametrize("case", SHUT)
def test_a_doubtful_table_shuts_the_gate_and_later_controls_still_speak(tiny: Path, case: str, secmlops) -> None:
    content, what = SHUT[case]
    (tiny / "t.csv").write_text(content, encoding="utf-8")
    said = secmlops("run", "-C", tiny)
    assert said.code == 1, said
    assert what in said.out
    assert "the gate of stage data is shut" in said.out
    for control in ("data.schema", "data.personal", "data.protect", "data.leakage"):
        assert control in said.err
    assert "training.run" not in said.err


@pytest.mark.parametrize("name", ["missing.csv", "folder", "t.csv/inside", "x" * 300])
def test_a_source_that_is_no_file_is_told(tiny: Path, edit, name: str, secmlops) -> None:
    (tiny / "folder").mkdir()
    edit(tiny, "t.csv", name)
    said = secmlops("run", "-C", tiny)
    assert said.code == 2, said
    assert said.err.count("\n") <= 4
    assert "Errno" not in said.err


CONDITIONS = {
    "assurance.performance.auc: '>= 1.5'": "can never hold: auc lies between 0 and 1",
    "assurance.performance.auk: '>= 0.5'": "gives no measure auk for binary_classification; did you mean auc?",
    "assurance.performance.r2: '>= 0.5'": "gives no measure r2 for binary_classification",
    "assurance.perfomance.auc: '>= 0.5'": "does not run; did you mean assurance.performance?",
    "assurance.calibration.ece: '< 0'": "can never hold",
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_no_run_can_meet_is_refused_before_anything_runs(tiny: Path, condition: str, secmlops) -> None:
    file = tiny / "secmlops.yaml"
    file.write_text(file.read_text() + f"release:\n  require:\n    {condition}\n", encoding="utf-8")
    said = secmlops("run", "-C", tiny)
    assert said.code == 2
    assert "secmlops.yaml:8: release.require." in said.err
    assert CONDITIONS[condition] in said.err
    assert Workspace(tiny).ledger.size == 0


SETTINGS = {
    "data.shema: {}": "there is no control data.shema; did you mean data.schema?",
    "data.schema: {rnge_tolerance: 1}": "has no setting rnge_tolerance; did you mean range_tolerance?",
    "data.schema: {range_tolerance: wide}": "range_tolerance: expected a number, found 'wide'",
    "assurance.fit: {notable_gap: -1}": "notable_gap must lie between 0 and maximum_gap",
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_control_setting_that_does_not_fit_is_told_with_its_line(tiny: Path, setting: str, secmlops) -> None:
    file = tiny / "secmlops.yaml"
    file.write_text(file.read_text() + f"controls:\n  {setting}\n", encoding="utf-8")
    for verb in ("run", "status"):
        said = secmlops(verb, "-C", tiny)
        assert said.code == 2
        assert "secmlops.yaml:7: controls." in said.err
        assert SETTINGS[setting] in said.err
