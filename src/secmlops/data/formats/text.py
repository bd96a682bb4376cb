"""Turns the bytes of a text file into UTF-8, whatever wrote them."""

import codecs

from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def to_utf8(data: bytes, name: str) -> tuple[bytes, tuple[Finding, ...]]:
    """UTF-8 bytes of the text in ``data``, without byte order mark; lone carriage returns become line feeds.

    UTF-8 is tried first; bytes that are not UTF-8 are read as Windows-1252, or as Latin-1 where that has no character,
    and a finding says so. Raises InputError for NUL bytes: they mean a binary file or a broken export.
    """
    notes: tuple[Finding, ...] = ()
    if data.startswith(_UTF16):
        data, notes = _from_utf16(data, name)
    data = data.removeprefix(codecs.BOM_UTF8)
    _refuse_nul(data, name)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        data, told = _from_one_byte_code(data, name, error.start)
        notes = (*notes, told)
    if b"\r" in data and b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    return data, notes


def _from_utf16(data: bytes, name: str) -> tuple[bytes, tuple[Finding, ...]]:
    try:
        text = data.decode("utf-16")
        converted = text.encode("utf-8")
    except UnicodeError:
        raise InputError("broken UTF-16 text", where=name, hint="save the file as UTF-8") from None
    told = Finding("reading.encoding", Severity.NOTE, "read as UTF-16", where=name, hint="UTF-8 is safer to exchange")
    return converted, (told,)


def _refuse_nul(data: bytes, name: str) -> None:
    position = data.find(b"\0")
    if position >= 0:
        line = data.count(b"\n", 0, position) + 1
        raise InputError(
            "a NUL byte: this is no text, or a broken export",
            where=f"{name}, line {line}",
            hint="export the table again as CSV in UTF-8, or as Parquet",
        )


def _from_one_byte_code(data: bytes, name: str, position: int) -> tuple[bytes, Finding]:
    try:
        text, encoding = data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        text, encoding = data.decode("latin-1"), "Latin-1"
    line = data.count(b"\n", 0, position) + 1
    told = Finding(
        "reading.encoding",
        Severity.WARNING,
        f"not UTF-8, read as {encoding}: letters with accents may be wrong",
        where=f"{name}, line {line}",
        hint="save the file as UTF-8",
    )
    return text.encode("utf-8"), told
