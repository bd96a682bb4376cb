"""Which format some bytes are in, told by the bytes alone, and which formats a file name promises."""

import zlib
from collections.abc import Callable
from types import MappingProxyType

from secmlops.release.scan.inspection import Data
from secmlops.release.scan.onnx_model import looks_like_onnx

_TAIL = 66_000
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x93NUMPY", "npy"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x5d\x00\x00", "lzma"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x28\xb5\x2f\xfd", "zstandard"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"#!", "script"),
)
_TEXT_SUFFIXES = ".json .txt .md .csv .yaml .yml .toml .rst .sarif .pem .sig .jsonl .onnx.sig .license"
_PACKED = "gzip bzip2 xz lzma zlib"
_PROMISES = MappingProxyType(
    {
        **dict.fromkeys((".pkl", ".pickle", ".joblib"), frozenset(f"pickle {_PACKED}".split())),
        **dict.fromkeys((".pt", ".pth", ".ckpt"), frozenset(["torch", "torch-legacy", "pickle"])),
        ".bin": frozenset(["torch", "torch-legacy", "pickle", "safetensors"]),
        **dict.fromkeys((".h5", ".hdf5"), frozenset(["hdf5"])),
        ".npy": frozenset(["npy"]),
        ".npz": frozenset(["npz"]),
        ".onnx": frozenset(["onnx"]),
        ".safetensors": frozenset(["safetensors"]),
        ".keras": frozenset(["keras"]),
        ".zip": frozenset(["zip", "npz", "torch", "keras"]),
        ".tar": frozenset(["tar"]),
        ".gz": frozenset(["gzip"]),
        ".tgz": frozenset(["gzip"]),
        ".bz2": frozenset(["bzip2"]),
        ".xz": frozenset(["xz"]),
        **dict.fromkeys(_TEXT_SUFFIXES.split(), frozenset(["text"])),
    }
)


def promised(name: str) -> frozenset[str] | None:
    """Formats that the suffix of a file name promises; None where it promises nothing."""
    lower = name.lower()
    return next((formats for suffix, formats in _PROMISES.items() if lower.endswith(suffix)), None)


def sniff(data: Data, name: str) -> str:
    """Format of ``data`` by its content; the name decides only between readings that the bytes leave open."""
    for magic, found in _MAGIC:
        if data[: len(magic)] == magic:
            return found
    for found, matches in _BY_STRUCTURE:
        if matches(data):
            return found
    if looks_like_onnx(data, promised(name) == frozenset(["onnx"])):
        return "onnx"
    one_byte = promised(name) == frozenset(["text"]) and is_one_byte_text(data)
    return "text" if one_byte or is_text(data) else "unknown"


def other_readings(data: Data, found: str) -> tuple[str, ...]:
    """Formats that some loader would also see in these bytes, although they begin as ``found``."""
    readings = []
    if found != "zip" and _ends_as_zip(data):
        readings.append("zip")
    if found != "tar" and is_tar(data):
        readings.append("tar")
    if found != "hdf5" and any(data[at : at + 8] == b"\x89HDF\r\n\x1a\n" for at in (512, 1024, 2048, 4096, 8192)):
        readings.append("hdf5")
    return tuple(readings)


def is_tar(data: Data) -> bool:
    """Whether the first block holds a tar header: its checksum over 512 bytes fits (POSIX.1-2017, pax, ustar)."""
    if len(data) < 512:
        return False
    header = bytes(data[:512])
    stored = header[148:156].strip(b" \x00")
    if not stored or len(stored) > 7 or any(digit not in b"01234567" for digit in stored):
        return False
    total = sum(header[:148]) + 8 * 0x20 + sum(header[156:])
    return total == int(stored, 8)


def is_safetensors(data: Data) -> bool:
    """Whether the file begins with the length of a JSON header and the header's brace."""
    return len(data) > 9 and data[8] == 0x7B and int.from_bytes(data[:8], "little") <= len(data) - 8


def is_text(data: Data) -> bool:
    """Whether the bytes are UTF-8 without control characters other than white space."""
    try:
        text = str(data, "utf-8")
    except UnicodeDecodeError:
        return False
    return not _CONTROL.intersection(text)


def is_one_byte_text(data: Data) -> bool:
    """Whether the bytes can be text of an encoding such as ISO 8859-1 or Windows-1252: no ASCII control characters."""
    return not _CONTROL.intersection(str(data, "latin-1"))


def _is_binary_pickle(data: Data) -> bool:
    return len(data) > 2 and data[0] == 0x80 and data[1] <= 5


def _is_zlib(data: Data) -> bool:
    if len(data) < 8 or data[0] != 0x78 or (data[0] << 8 | data[1]) % 31:
        return False
    try:
        zlib.decompressobj().decompress(data[:256], 1024)
    except zlib.error:
        return False
    return True


def _ends_as_zip(data: Data) -> bool:
    return b"PK\x05\x06" in bytes(data[max(len(data) - _TAIL, 0) :])


_CONTROL = frozenset(map(chr, [*range(9), 11, *range(14, 32), 127]))
_BY_STRUCTURE: tuple[tuple[str, Callable[[Data], bool]], ...] = (
    ("tar", is_tar),
    ("safetensors", is_safetensors),
    ("pickle", _is_binary_pickle),
    ("zlib", _is_zlib),
)
