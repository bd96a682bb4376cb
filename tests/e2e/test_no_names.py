"""What cannot be erased names nobody: log, exports, reports and releases are searched for every person of the table."""

import csv
import json
from pathlib import Path

TELLING = ("full_name", "tax_number", "email", "phone", "iban", "street_address")


def test_no_name_number_or_address_of_anybody_is_in_what_stays(project: Path, tmp_path: Path, secmlops) -> None:
    with (project / "applications.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    telling = {row[column] for row in rows for column in TELLING if row[column]}
    assert len(telling) > 1_000
    person = rows[0]["tax_number"]
    said = [
        secmlops("subject", "find", person, "-C", project, "--json"),
        secmlops("subject", "erase", person, "--yes", "--without-model", "-C", project, "--json"),
        secmlops("subject", "find", person, "-C", project),
        secmlops("subject", "find", "Nobody Known", "-C", project),
        secmlops("audit", "log", "-C", project, "--json"),
        secmlops("report", "-C", project, "--output", tmp_path / "report.html"),
        secmlops("audit", "export", tmp_path / "log", "-C", project),
    ]
    assert [one.code for one in said] == [0] * 7, [one.err for one in said]
    assert json.loads(said[1].out)["erased"][0]["done"] is True
    assert "nothing held" in said[2].out
    kept = [*(project / ".secmlops").rglob("*"), *(project / "releases").rglob("*"), *tmp_path.glob("report*")]
    stored = b"\n".join(path.read_bytes() for path in (*kept, *(tmp_path / "log").rglob("*")) if path.is_file())
    told = stored + "\n".join(one.out + one.err for one in said).encode()
    assert b"data.erasure" in told
    found = [value for value in (*telling, "Nobody Known") if value.encode() in told]
    assert not found, f"{len(found)} values of persons are in clear"
