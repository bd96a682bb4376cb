"""A file of advisories as osv.dev exports them: a ZIP of JSON files, one JSON record, or a list of them."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from secmlops.core.errors import InputError
from secmlops.release.vulnerabilities.advisory import Advisory

_MOST_RECORDS = 500_000
_LARGEST_RECORD = 16 << 20
_LARGEST_TOTAL = 4 << 30
_HINT = "export the advisories of PyPI from osv.dev again"


@dataclass(frozen=True, slots=True)
class Advisories:
    """Advisories by normalised name of the package, how many there are, and when the ``newest`` was last changed."""

    by_package: Mapping[str, tuple[Advisory, ...]]
    count: int
    newest: datetime


def read_advisories(data: bytes, where: str = "advisories") -> Advisories:
    """Read the file; raises InputError for what is no OSV, or no record at all: no advisories is not good news."""
    by_package: dict[str, list[Advisory]] = {}
    newest, count = None, 0
    for text in _records(data, where):
        try:
            advisory = msgspec.json.decode(text, type=Advisory)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise InputError(f"a record is not an OSV advisory: {error}", where=where, hint=_HINT) from None
        count += 1
        newest = advisory.modified if newest is None else max(newest, advisory.modified)
        for name in advisory.packages:
            by_package.setdefault(name, []).append(advisory)
    if newest is None:
        raise InputError("no advisory is in the file", where=where, hint=_HINT)
    return Advisories({name: tuple(found) for name, found in by_package.items()}, count, newest)


def _records(data: bytes, where: str) -> Iterator[bytes]:
    if data[:4] == b"PK\x03\x04":
        yield from _zipped(data, where)
        return
    if not data.lstrip().startswith(b"["):
        yield data
        return
    try:
        records = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"the list of records is not JSON: {error}", where=where, hint=_HINT) from None
    yield from map(bytes, records)


def _zipped(data: bytes, where: str) -> Iterator[bytes]:
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith(".json")]
            if len(members) > _MOST_RECORDS:
                raise InputError(f"{len(members):,} records are too many", where=where, hint=_HINT)
            for member in members:
                with archive.open(member) as stream:
                    text = stream.read(_LARGEST_RECORD + 1)
                total += len(text)
                if len(text) > _LARGEST_RECORD or total > _LARGEST_TOTAL:
                    raise InputError("the records are too large", where=where, hint=_HINT)
                yield text
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise InputError(f"the ZIP cannot be read: {error}", where=where, hint=_HINT) from None
