"""PyTorch's files: the zip archive since 1.6, and the legacy layout of five pickles followed by raw storages."""

import re
from collections.abc import Sequence

from secmlops.release.scan.inspection import Data, Inspection
from secmlops.release.scan.pickled.machine import Broken, Machine
from secmlops.release.scan.pickled.reader import read_one
from secmlops.release.scan.rules import PICKLE_BROKEN, PICKLE_TRAILING, TORCH_STRUCTURE, TORCHSCRIPT
from secmlops.release.scan.verdict import Place, shown

_STORAGE = re.compile(r"[^/]+/data/\d+")
_SMALL_FILES = re.compile(r"[^/]+/(version|byteorder|\.format_version|\.storage_alignment|\.data/serialization_id)")
_LEGACY_MAGIC = b"\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
_ELEMENT_BYTES = {
    "BoolStorage": 1, "ByteStorage": 1, "CharStorage": 1, "ShortStorage": 2, "IntStorage": 4, "LongStorage": 8,
    "HalfStorage": 2, "BFloat16Storage": 2, "FloatStorage": 4, "DoubleStorage": 8, "ComplexFloatStorage": 8,
    "ComplexDoubleStorage": 16, "UntypedStorage": 1,
}  # fmt: skip


def is_torch(names: Sequence[str]) -> bool:
    """Whether members with these names make a PyTorch archive: a pickle ``data.pkl`` in a folder."""
    return any(name.endswith("/data.pkl") or name == "data.pkl" for name in names)


def read_unseen(name: str) -> bool:
    """Whether PyTorch reads a member as raw bytes: a tensor storage or one of its one-line text files."""
    return bool(_STORAGE.fullmatch(name) or _SMALL_FILES.fullmatch(name))


def check_torch_names(place: Place, names: Sequence[str], inspection: Inspection) -> None:
    """Flag TorchScript code, and archives with more than one folder, of which loaders may take either."""
    folders = {name.split("/")[0] for name in names}
    if len(folders) != 1:
        inspection.flag(TORCH_STRUCTURE, place, f"members lie in {len(folders)} folders, not in one")
    code = [name for name in names if "/code/" in name or name.endswith("/constants.pkl")]
    if code:
        inspection.flag(TORCHSCRIPT, place, f"{shown(code[0])!r} belongs to a TorchScript program")


def read_torch_pickle(place: Place, data: Data, inspection: Inspection) -> None:
    """Read ``data.pkl``: one pickle, whose persistent ids are tensor storages."""
    try:
        machine = read_one(place, data, inspection, 0)
    except Broken as error:
        inspection.flag(PICKLE_BROKEN, place, f"cannot be read to its end: {error.what}")
        return
    if machine.pos != len(data):
        inspection.flag(PICKLE_TRAILING, place.at(machine.pos), "bytes follow the pickle's end")


def is_legacy_torch(data: Data) -> bool:
    """Whether the first pickle is the magic number of PyTorch's legacy layout."""
    return data[2 : 2 + len(_LEGACY_MAGIC)] == _LEGACY_MAGIC and data[0] == 0x80


def read_legacy_torch(place: Place, data: Data, inspection: Inspection) -> None:
    """Read magic number, protocol, system information, object and storage keys, then pass over the raw storages.

    The layout is that of ``torch.serialization._legacy_save``: for each key, in order, the number of elements as eight
    little-endian bytes, then the elements.
    """
    pos, machines = 0, list[Machine]()
    try:
        for _ in range(5):
            machines.append(read_one(place, data, inspection, pos))
            pos = machines[-1].pos
    except Broken as error:
        inspection.flag(PICKLE_BROKEN, place.at(pos), f"cannot be read to its end: {error.what}")
        return
    storages = machines[3].storages
    keys = [text for text in machines[4].memo.values() if isinstance(text, bytes)]
    for key in keys:
        kind, elements = storages.get(key, ("", -1))
        if int.from_bytes(data[pos : pos + 8], "little") != elements:
            break
        pos += 8 + elements * _ELEMENT_BYTES[kind]
    if pos != len(data) or sorted(keys) != sorted(storages):
        inspection.flag(TORCH_STRUCTURE, place.at(min(pos, len(data))), "the storages do not fill the rest of the file")
