"""Where a table lies, as a project file or a command names it: a file, a folder, ``s3://`` or ``postgresql://``."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Final

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.data.sources.capture import captured
from secmlops.data.sources.delimited_text import DelimitedText
from secmlops.data.sources.folder import check_parts, folder_parts, is_data, is_parquet
from secmlops.data.sources.memory import Allowance
from secmlops.data.sources.parquet_parts import ParquetParts
from secmlops.data.sources.part import LocalPart, Part
from secmlops.data.sources.postgresql_url import PostgresqlUrl
from secmlops.data.sources.source import TableSource
from secmlops.data.sources.url import bucket_and_key, check_object, check_url, is_database, is_url

_PIECE: Final = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Location:
    """``text`` as it was written: a URL, or a path below ``folder``; ``query`` is for a database alone."""

    text: str
    folder: Path
    query: str | None = None

    def open(self, name: str | None = None) -> TableSource:
        """Open it as a stream, to be closed by the caller, called ``name`` if it is to be told by another.

        Raises InputError for what is not there, or no table.
        """
        if is_database(self.text):
            return _database(PostgresqlUrl.parse(self.text, self.query))
        parts = self._parts()
        if self.is_text and not _begins_as_parquet(parts[0]):
            return DelimitedText(name or self.text, parts[0])
        return ParquetParts(name or self.text, parts)

    @property
    def is_text(self) -> bool:
        """Whether this is one file that is not called Parquet: of delimited text, unless its bytes say otherwise."""
        if is_database(self.text) or self._is_folder:
            return False
        return not is_parquet(self.text)

    def is_larger(self, size: int) -> bool:
        """Whether this is a single file, or an object, of more than so many bytes; what is not there is not."""
        if is_database(self.text) or self._is_folder or not (is_url(self.text) or (self.folder / self.text).exists()):
            return False
        return self._parts()[0].size > size

    def digest(self) -> Digest | None:
        """Digest of the bytes, a piece at a time, where this is a single file; None for anything else."""
        if is_database(self.text) or self._is_folder:
            return None
        (part,) = self._parts()
        found = hashlib.sha256()
        with part.open() as stream:
            while piece := stream.read(_PIECE):
                found.update(piece)
        part.check()
        return Digest(found.hexdigest())

    def whole(self, allowance: Allowance) -> bytes:
        """Bytes of the whole table, in one file: a single file as it is, anything else as Parquet.

        Raises InputError before memory runs out, and what ``open`` raises.
        """
        if not is_database(self.text) and not self._is_folder:
            (part,) = self._parts()
            allowance.claim(part.size, self.text)
            return _bytes(part)
        source = self.open()
        try:
            return captured(source, allowance)
        finally:
            source.close()

    @property
    def _is_folder(self) -> bool:
        return self.text.endswith("/") if is_url(self.text) else (self.folder / self.text).is_dir()

    def _parts(self) -> tuple[Part, ...]:
        if is_url(self.text):
            check_url(self.text)
            return _objects(self.text)
        path = self.folder / self.text
        return folder_parts(path) if path.is_dir() else (LocalPart.of(path, path.name),)


def _begins_as_parquet(part: Part) -> bool:
    with part.open() as stream:
        return stream.read(4) == b"PAR1"


def _bytes(part: Part) -> bytes:
    with part.open() as stream:
        data = stream.read()
    part.check()
    return data


def write_new(url: str, data: bytes | BinaryIO) -> None:
    """Write an object where there is none yet, at once or not at all; raises InputError when it cannot be.

    ``data`` may be a file, which is sent from its beginning.
    """
    check_object(url)
    bucket, key = _bucket(url)
    bucket.create(key, data)


def _bucket(url: str) -> tuple[Any, str]:
    try:
        from secmlops.data.sources.s3 import Bucket  # noqa: PLC0415  # an extra, and slow to import
    except ModuleNotFoundError:
        raise _extra("s3", url) from None
    name, key = bucket_and_key(url)
    return Bucket.of(name), key


def _objects(url: str) -> tuple[Part, ...]:
    """Object of an S3 URL, or those below its prefix where it ends with a slash."""
    bucket, key = _bucket(url)
    if not key.endswith("/"):
        return (bucket.find(key),)
    keys = [found for found in bucket.keys(key) if is_data(found)]
    check_parts(keys, url)
    others = [found for found in keys if not is_parquet(found)]
    if others:
        told = f"objects that are not Parquet beside those that are: {', '.join(PurePath(o).name for o in others[:5])}"
        raise InputError(told, where=url, hint="leave only Parquet files there, or name one object")
    return tuple(bucket.find(found) for found in keys)


def _database(url: PostgresqlUrl) -> TableSource:
    try:
        from secmlops.data.sources.postgresql import PostgresqlSource  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        raise _extra("postgresql", url.name) from None
    return PostgresqlSource(url)


def _extra(name: str, where: str) -> InputError:
    hint = f"pip install 'secmlops[{name}]'"
    return InputError("what reads this source is not installed", where=where, hint=hint)
