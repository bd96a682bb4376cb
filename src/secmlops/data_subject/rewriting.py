"""A table's file without some of its rows: every other byte stays as it was."""

import os
import secrets
from glob import escape
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from secmlops.core.errors import InputError
from secmlops.data.formats.text import to_utf8
from secmlops.data_subject.person import Mask

_FRESH_BYTES = 8
_QUOTE, _NEWLINE, _RETURN = (ord(character) for character in '"\n\r')


def without_rows(data: bytes, rows: Mask, name: str) -> bytes:
    """Bytes of the table ``data``, CSV or Parquet, without those ``rows`` [n] that are True.

    CSV that is not UTF-8 becomes it. Raises InputError when the rows of the file are not those that were counted.
    """
    return _parquet_without(data, rows) if data[:4] == b"PAR1" else _text_without(to_utf8(data, name)[0], rows, name)


def replace_file(path: Path, data: bytes) -> None:
    """Put ``data`` into the place of the file ``path`` in one step, durably; its mode stays.

    Raises InputError when the file cannot be written.
    """
    target = path.resolve()
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(_FRESH_BYTES)}")
    try:
        mode = target.stat().st_mode & 0o777
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
        _sync(target.parent)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from None


def remove_unfinished(path: Path) -> None:
    """Remove what a ``replace_file`` that was killed left beside the file ``path``: it holds the rows of others.

    Raises InputError when it cannot be removed.
    """
    target = path.resolve()
    for left in target.parent.glob(f".{escape(target.name)}.{'[0-9a-f]' * 2 * _FRESH_BYTES}"):
        try:
            left.unlink()
        except OSError as error:
            raise InputError(f"cannot be removed: {error.strerror}", where=str(left)) from None


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _parquet_without(data: bytes, rows: Mask) -> bytes:
    table = pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)
    sink = pa.BufferOutputStream()
    pq.write_table(table.filter(pa.array(~rows)), sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def _text_without(text: bytes, rows: Mask, name: str) -> bytes:
    """Cut the records: a line end inside quotes ends none (RFC 4180, section 2.6), and an empty line is none."""
    data = np.frombuffer(text, np.uint8)
    newlines = np.flatnonzero(data == _NEWLINE)
    outside = np.searchsorted(np.flatnonzero(data == _QUOTE), newlines) % 2 == 0
    bounds = np.unique(np.concatenate([[0], newlines[outside] + 1, [len(data)]]))
    starts, ends = bounds[:-1], bounds[1:]
    following = data[np.minimum(starts + 1, len(data) - 1)]
    empty = (data[starts] == _NEWLINE) | ((data[starts] == _RETURN) & (following == _NEWLINE))
    records = np.flatnonzero(~empty)[1:]  # the first one is the header
    if len(records) != len(rows):
        told = f"{len(records)} records where {len(rows)} rows were read"
        raise InputError(told, where=name, hint="export the table again as plain CSV, or as Parquet")
    gone = set(records[rows].tolist())
    kept = [text[start:end] for place, (start, end) in enumerate(zip(starts, ends, strict=True)) if place not in gone]
    return b"".join(kept)
