"""Reading the members of a zip archive: NumPy, PyTorch and Keras archives, and plain ones."""

import zlib
from collections.abc import Sequence

from secmlops.release.scan.compressed import BROKEN, inflate
from secmlops.release.scan.inspection import Data, Inspection
from secmlops.release.scan.keras_model import check_keras_config
from secmlops.release.scan.members import check_names
from secmlops.release.scan.npy_array import is_plain_array
from secmlops.release.scan.rules import (
    ARCHIVE_CHECKSUM,
    ARCHIVE_ENCRYPTED,
    ARCHIVE_LINK,
    ARCHIVE_METHOD,
    ARCHIVE_STRUCTURE,
)
from secmlops.release.scan.torch_archive import check_torch_names, is_torch, read_torch_pickle, read_unseen
from secmlops.release.scan.verdict import Place, shown
from secmlops.release.scan.zip_structure import Entry, read_entries

_STORED, _DEFLATED = 0, 8


def read_zip(place: Place, data: Data, inspection: Inspection) -> str:
    """Read a zip archive and every member; returns what kind it is: zip, npz, torch or keras."""

    def complain(offset: int, message: str) -> None:
        inspection.flag(ARCHIVE_STRUCTURE, place.at(offset), message)

    entries = read_entries(data, inspection.limits.members, complain)
    inspection.count_members(len(entries))
    names = [entry.name for entry in entries]
    check_names(place, names, inspection)
    kind = _kind(names)
    if kind == "torch":
        check_torch_names(place, names, inspection)
    for entry in entries:
        contents = _contents(place, data, entry, inspection)
        if contents is None:
            continue
        if len(contents) != entry.size or (_is_summed(kind, entry, contents) and zlib.crc32(contents) != entry.crc):
            told = f"member {shown(entry.name)!r} does not match its size or checksum"
            inspection.flag(ARCHIVE_CHECKSUM, place.at(entry.header), told)
        _read_member(place.inside(entry.name), contents, inspection, kind)
    return kind


def _kind(names: Sequence[str]) -> str:
    if is_torch(names):
        return "torch"
    if "config.json" in names and ("metadata.json" in names or "model.weights.h5" in names):
        return "keras"
    return "npz" if names and all(name.endswith(".npy") for name in names) else "zip"


def _is_summed(kind: str, entry: Entry, contents: Data) -> bool:
    """Whether the checksum of a member is compared: always, unless it holds only the stored numbers of a tensor.

    Nothing in those can run, whatever they are, and they are nearly all bytes of a large model.
    """
    if kind == "torch":
        return not read_unseen(entry.name)
    return not (kind == "npz" and entry.method == _STORED and is_plain_array(contents))


def _read_member(place: Place, contents: Data, inspection: Inspection, kind: str) -> None:
    if kind == "torch" and read_unseen(place.name):
        return
    if kind == "torch" and place.name.endswith("/data.pkl"):
        read_torch_pickle(place, contents, inspection)
        return
    inspection.descend(place, contents)
    if kind == "keras" and place.name == "config.json":
        check_keras_config(place, bytes(contents), inspection)


def _contents(place: Place, data: Data, entry: Entry, inspection: Inspection) -> Data | None:
    """Bytes of a member as a loader would read them; None where there are none to read."""
    told = place.at(entry.header)
    if entry.is_link:
        inspection.flag(ARCHIVE_LINK, told, f"member {shown(entry.name)!r} is a symbolic link")
        return None
    if entry.is_encrypted:
        inspection.flag(ARCHIVE_ENCRYPTED, told, f"member {shown(entry.name)!r} is encrypted")
        return None
    if entry.is_folder:
        return None
    packed = data[entry.start : entry.start + entry.packed]
    contents: Data = packed
    if entry.method == _DEFLATED:
        try:
            contents, used = inflate(lambda: zlib.decompressobj(-15), packed, inspection)
        except BROKEN as error:
            inspection.flag(ARCHIVE_CHECKSUM, told, f"member {shown(entry.name)!r} cannot be decompressed: {error}")
            return None
        if used != len(packed):
            inspection.flag(ARCHIVE_STRUCTURE, told, f"member {shown(entry.name)!r} ends before its bytes do")
    elif entry.method != _STORED:
        inspection.flag(ARCHIVE_METHOD, told, f"member {shown(entry.name)!r} uses compression method {entry.method}")
        return None
    return contents
