"""Files of advisories: as exported, and broken in every way."""

import io
import json
import zipfile

import pytest

from secmlops.core.errors import InputError
from secmlops.release.vulnerabilities.database import read_advisories

RECORD = {
    "id": "PYSEC-1",
    "modified": "2026-01-02T03:04:05Z",
    "affected": [{"package": {"ecosystem": "PyPI", "name": "One"}, "versions": ["1.0"]}],
}


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.json", data)
    return stream.getvalue()


def test_a_record_a_list_and_a_zip_are_read_alike() -> None:
    later = RECORD | {"id": "PYSEC-2", "modified": "2026-03-02T03:04:05.123456Z"}
    both = [json.dumps(RECORD).encode(), json.dumps(later).encode()]
    for data in (json.dumps([RECORD, later]).encode(), zipped(a=both[0], b=both[1])):
        read = read_advisories(data)
        assert (read.count, read.newest.month) == (2, 3)
        assert [one.id for one in read.by_package["one"]] == ["PYSEC-1", "PYSEC-2"]
    assert read_advisories(both[0]).count == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"[]",
        b"[1]",
        b"{}",
        b"[" * 100_000,
        b"\xff\xfe",
        zipped(),
        zipped(a=b"{"),
        zipped(a=b'{"id": "x"}'),
        zipped(a=json.dumps(RECORD).encode())[:-30],
        b"PK\x03\x04" + b"\x00" * 50,
    ],
)
def test_what_is_no_file_of_advisories_is_refused(data: bytes) -> None:
    with pytest.raises(InputError) as refused:
        read_advisories(data, "osv.zip")
    assert refused.value.where == "osv.zip"
    assert refused.value.hint


def test_a_changed_byte_in_the_zip_is_noticed() -> None:
    data = bytearray(zipped(a=json.dumps(RECORD | {"details": "x" * 5_000}).encode()))
    data[60] ^= 0xFF
    with pytest.raises(InputError):
        read_advisories(bytes(data))


def test_a_record_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secmlops.release.vulnerabilities.database._LARGEST_RECORD", 1_000)
    with pytest.raises(InputError, match="too large"):
        read_advisories(zipped(a=b"[" + b" " * 2_000 + b"]"))
