"""Scanning one file: bytes in, report out. The table of readers, one for each format, stands here."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.release.scan.compressed import read_compressed
from secmlops.release.scan.file_contents import open_contents
from secmlops.release.scan.formats import other_readings, promised, sniff
from secmlops.release.scan.hdf5_file import read_hdf5
from secmlops.release.scan.inspection import Data, Inspection, LimitReached
from secmlops.release.scan.limits import Limits
from secmlops.release.scan.npy_array import read_npy
from secmlops.release.scan.onnx_model import read_onnx
from secmlops.release.scan.pickled.reader import read_pickles, reads_as_pickle
from secmlops.release.scan.rules import (
    ARCHIVE_BOMB,
    CHANGED,
    NAME_MISMATCH,
    POLYGLOT,
    SCRIPT,
    TOO_LARGE,
    UNKNOWN_FORMAT,
    UNREADABLE,
)
from secmlops.release.scan.safetensors_file import read_safetensors
from secmlops.release.scan.tar_archive import read_tar
from secmlops.release.scan.torch_archive import is_legacy_torch, read_legacy_torch
from secmlops.release.scan.verdict import FileReport, Place, Verdict, shown
from secmlops.release.scan.zip_archive import read_zip

Reader = Callable[[Place, Data, Inspection], str | None]


def _read_pickle(place: Place, data: Data, inspection: Inspection) -> str:
    if is_legacy_torch(data):
        read_legacy_torch(place, data, inspection)
        return "torch-legacy"
    read_pickles(place, data, inspection)
    return "pickle"


def _read_text(place: Place, _: Data, inspection: Inspection) -> None:
    if place.name.lower().endswith((".py", ".sh", ".js", ".html", ".htm", ".bat", ".ps1")):
        inspection.flag(SCRIPT, place, f"{shown(place.name)!r} holds program code")


def _read_script(place: Place, _: Data, inspection: Inspection) -> None:
    inspection.flag(SCRIPT, place, f"{shown(place.name)!r} is a script")


def _refuse(kind: str, place: Place, _: Data, inspection: Inspection) -> None:
    inspection.flag(UNKNOWN_FORMAT, place, f"format: {kind}; its contents were not read")


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "pickle": _read_pickle,
        "zip": read_zip,
        "tar": read_tar,
        "npy": read_npy,
        "onnx": read_onnx,
        "safetensors": read_safetensors,
        "hdf5": read_hdf5,
        "text": _read_text,
        "script": _read_script,
        **{kind: partial(read_compressed, kind=kind) for kind in ("gzip", "zlib", "bzip2", "xz", "lzma")},
        **{kind: partial(_refuse, kind) for kind in ("lz4", "zstandard", "7z", "rar", "program", "unknown")},
    }
)
"""Format to reader. A reader may return a more exact name of the format."""


def scan_bytes(name: str, data: bytes | memoryview, limits: Limits | None = None) -> FileReport:
    """Report on the bytes of the file called ``name``; nothing in them is loaded, imported or run."""
    return _scan(name, data, limits or Limits(), changed=lambda: False)


def scan_file(path: Path, limits: Limits | None = None) -> FileReport:
    """Report on a file, of which only the bytes that matter are read where it is large; nothing answers for the others.

    A file that is written to meanwhile is ``cannot_tell``; one that is cut short may end the process (``file_contents``
    says when). Raises InputError where the file cannot be read, or is larger than ``limits.file_bytes``.
    """
    limits = limits or Limits()
    with open_contents(path, limits.file_bytes) as contents:
        return _scan(path.name, contents.data, limits, contents.changed)


def scan_and_digest(path: Path, limits: Limits | None = None) -> tuple[FileReport, Digest]:
    """Report on a file and the digest of the very bytes that were scanned, read in once. Raises as ``scan_file``."""
    limits = limits or Limits()
    with open_contents(path, limits.file_bytes, copied=True) as contents:
        return _scan(path.name, contents.data, limits, contents.changed), Digest.of(contents.data)


def _scan(name: str, data: Data, limits: Limits, changed: Callable[[], bool]) -> FileReport:
    inspection = Inspection(limits, _read_part)
    place = Place((name,))
    if len(data) > limits.file_bytes:
        inspection.flag(TOO_LARGE, place, f"{len(data)} bytes, the limit is {limits.file_bytes}")
        found = "unread"
    else:
        found = _read_part(place, data, inspection)
    if changed():
        inspection.flag(CHANGED, place, "the file was changed while it was scanned")
    findings, places = tuple(inspection.findings), tuple(inspection.places)
    return FileReport(name, found, len(data), inspection.verdict, findings, places)


def _read_part(place: Place, data: Data, inspection: Inspection) -> str:
    """Read a file or a part of one by its content; what goes wrong on the way is a finding."""
    found = _format(place, data)
    view = data if isinstance(data, bytes) and found == "pickle" else memoryview(data)
    found = _guarded(found, place, view, inspection)
    for other in other_readings(data, found if found not in ("npz", "torch", "keras") else "zip"):
        inspection.flag(POLYGLOT, place, f"begins as {found}, but can also be read as {other}")
        _guarded(other, place, view, inspection)
    if found not in ("pickle", "torch-legacy", "text") and reads_as_pickle(view)[0]:
        inspection.flag(POLYGLOT, place, f"begins as {found}, but can also be read as pickle")
        _guarded("pickle", place, view, inspection)
    allowed = promised(place.name)
    if allowed is not None and found not in allowed:
        names = " or ".join(sorted(allowed))
        inspection.flag(NAME_MISMATCH, place, f"named as {names}, but the bytes are {found}")
    return found


def _format(place: Place, data: Data) -> str:
    """Format by content; bytes without a magic number are tried as a pickle, which protocol 0 and 1 do not have."""
    found = sniff(data, place.name)
    if found not in ("text", "unknown", "script"):
        return found
    allowed = promised(place.name) or frozenset()
    named, finished = reads_as_pickle(data, claimed="pickle" in allowed)
    if "text" in allowed:
        return "pickle" if named and finished else found
    return "pickle" if named or finished or ("pickle" in allowed and found == "unknown") else found


def _guarded(found: str, place: Place, data: Data, inspection: Inspection) -> str:
    try:
        return READERS[found](place, data, inspection) or found
    except LimitReached as error:
        inspection.flag(ARCHIVE_BOMB, place, error.what)
    except VerificationError as error:
        inspection.flag(UNREADABLE, place, f"{found}: {error.what}")
    return found


def worst(reports: tuple[FileReport, ...]) -> Verdict:
    """Worst verdict of all; ``cannot_tell`` where there is no report at all."""
    return max((report.verdict for report in reports), key=lambda verdict: verdict.rank, default=Verdict.CANNOT_TELL)
