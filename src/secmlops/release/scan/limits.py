"""How much work a scan may be made to do by the file it reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one scan; what goes beyond them gives ``cannot_tell``, never ``safe``.

    ``file_bytes``: largest file. ``depth``: archives within archives, and pickles within pickles. ``members``: entries
    of all archives of a file together. ``expanded_bytes``: what all decompression of a file may yield, in bytes;
    ``ratio``: what one compressed part may yield for each byte of it, beyond the first MiB. ``opcode_bytes``: bytes
    of a file read as pickle opcodes, array data not counted. ``header_bytes``: largest JSON header or configuration.
    ``nodes``: values of a parsed structure. ``findings``: how many are kept; the verdict counts all.
    """

    file_bytes: int = 16 << 30
    depth: int = 8
    members: int = 50_000
    expanded_bytes: int = 2 << 30
    ratio: int = 300
    opcode_bytes: int = 256 << 20
    header_bytes: int = 100 << 20
    nodes: int = 2_000_000
    findings: int = 200
