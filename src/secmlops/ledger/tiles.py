"""The ledger as a folder of static files that any web server can publish (C2SP tlog-tiles), and the way back."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.checkpoint import Checkpoint, read_checkpoint
from secmlops.ledger.entry import MAX_LEAF_SIZE, Record, leaf_bytes, open_leaf
from secmlops.ledger.merkle import EMPTY_ROOT, HASH_SIZE, CompactRange, fold, leaf_hash
from secmlops.ledger.note import MAX_NOTE_SIZE
from secmlops.ledger.view import LedgerView
from secmlops.trust.keys import PublicKey

TILE_WIDTH = 256
_MAX_BUNDLE = TILE_WIDTH * (MAX_LEAF_SIZE + 2)


def tile_path(level: int | str, number: int, width: int = TILE_WIDTH) -> Path:
    """Relative path of a tile, ``level`` 0 to 63 or ``entries``; a width below 256 names the partial tile."""
    digits = f"{number:d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    path = Path("tile", str(level), *(f"x{part}" for part in parts[:-1]), parts[-1])
    return path if width == TILE_WIDTH else path.with_name(f"{path.name}.p") / str(width)


def export_tiles(ledger: LedgerView, folder: Path) -> Checkpoint:
    """Write the ledger to ``folder`` and return the checkpoint that covers it.

    The checkpoint is written last, so that whoever reads it finds every tile it needs; an export into the same folder
    adds what is new. Raises VerificationError when the ledger is not what was signed, InputError when the folder cannot
    be written.
    """
    head = ledger.head
    writer = _TileWriter(folder)
    try:
        for record in ledger.entries():
            if record.place == head.checkpoint.size:
                break
            writer.add(leaf_bytes(record.kind, record.data))
        if writer.finish() != head.checkpoint.root:
            raise VerificationError(
                "the entries do not have the signed root",
                where=ledger.origin,
                hint="run secmlops audit verify",
            )
        _write(folder / "checkpoint", head.note)
    except OSError as error:
        raise InputError(f"the export cannot be written: {error.strerror}", where=str(folder)) from None
    return head.checkpoint


class _TileWriter:
    """Cuts a run of leaves into tiles: 256 hashes make a tile, and the root of a full tile is a hash one level up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bundle: list[bytes] = []
        self._levels: list[list[bytes]] = []
        self._written: list[int] = []

    def add(self, leaf: bytes) -> None:
        self._bundle.append(len(leaf).to_bytes(2, "big") + leaf)
        if len(self._bundle) == TILE_WIDTH:
            self._write_bundle(self._written[0] if self._written else 0)
        self._push(0, leaf_hash(leaf))

    def finish(self) -> bytes:
        """Write the partial tiles; returns the root over everything."""
        if self._bundle:
            self._write_bundle(self._written[0])
        for level, hashes in enumerate(self._levels):
            if hashes:
                self._write_tile(level, hashes)
        subtrees = [node for hashes in reversed(self._levels) for node in _grown(hashes).frontier]
        return fold(subtrees) if subtrees else EMPTY_ROOT

    def _push(self, level: int, node: bytes) -> None:
        if level == len(self._levels):
            self._levels.append([])
            self._written.append(0)
        hashes = self._levels[level]
        hashes.append(node)
        if len(hashes) == TILE_WIDTH:
            self._write_tile(level, hashes)
            self._written[level] += 1
            self._levels[level] = []
            self._push(level + 1, _grown(hashes).root())

    def _write_tile(self, level: int, hashes: Sequence[bytes]) -> None:
        _write(self._folder / tile_path(level, self._written[level], len(hashes)), b"".join(hashes))

    def _write_bundle(self, number: int) -> None:
        _write(self._folder / tile_path("entries", number, len(self._bundle)), b"".join(self._bundle))
        self._bundle.clear()


class TiledLog:
    """A log read from an exported folder; opening it rebuilds the root from the tiles and checks it.

    Raises VerificationError when a file is missing, was changed or does not lead to the signed root.
    """

    def __init__(self, folder: Path, keys: Sequence[PublicKey], origin: str) -> None:
        self._folder = folder
        note = self._read(Path("checkpoint"), MAX_NOTE_SIZE)
        self.checkpoint = read_checkpoint(note, keys, origin)
        self._leaves = self._hashes(0, self.checkpoint.size)
        if self.root() != self.checkpoint.root:
            raise VerificationError("the tiles do not have the signed root", where=str(folder))

    def root(self) -> bytes:
        """Root rebuilt from the tiles of every level; a tile that disagrees with the level below is refused."""
        subtrees: list[bytes] = []
        level, hashes = 0, self._leaves
        while hashes:
            full = len(hashes) - len(hashes) % TILE_WIDTH
            subtrees[:0] = _grown(hashes[full:]).frontier
            roots = [_grown(hashes[start : start + TILE_WIDTH]).root() for start in range(0, full, TILE_WIDTH)]
            level += 1
            if roots != self._hashes(level, len(roots)):
                raise VerificationError(f"a tile of level {level} does not follow from the level below")
            hashes = roots
        return fold(subtrees) if subtrees else EMPTY_ROOT

    def entries(self) -> Iterator[Record]:
        """Yield all entries, each checked against its leaf hash."""
        for number in range(-(-len(self._leaves) // TILE_WIDTH)):
            first = number * TILE_WIDTH
            width = min(TILE_WIDTH, len(self._leaves) - first)
            leaves = _opened_bundle(self._read(tile_path("entries", number, width), _MAX_BUNDLE))
            if [leaf_hash(leaf) for leaf in leaves] != self._leaves[first : first + width]:
                raise VerificationError(f"entries {first} to {first + width - 1} are not those of the tree")
            for place, leaf in enumerate(leaves, first):
                yield Record(place, *open_leaf(leaf))

    def _hashes(self, level: int, count: int) -> list[bytes]:
        hashes: list[bytes] = []
        for first in range(0, count, TILE_WIDTH):
            width = min(TILE_WIDTH, count - first)
            tile = self._read(tile_path(level, first // TILE_WIDTH, width), width * HASH_SIZE)
            if len(tile) != width * HASH_SIZE:
                raise VerificationError(f"a tile of level {level} is {len(tile)} bytes long")
            hashes += [tile[start : start + HASH_SIZE] for start in range(0, len(tile), HASH_SIZE)]
        return hashes

    def _read(self, path: Path, limit: int) -> bytes:
        try:
            with (self._folder / path).open("rb") as file:
                data = file.read(limit + 1)
        except OSError as error:
            raise VerificationError(f"the export is not whole: {error.strerror}", where=str(path)) from None
        if len(data) > limit:
            raise VerificationError("a file of the export is too large", where=str(path))
        return data


def _opened_bundle(data: bytes) -> list[bytes]:
    leaves, start = [], 0
    while start < len(data):
        end = start + 2 + int.from_bytes(data[start : start + 2], "big")
        if start + 2 > len(data) or end > len(data):
            raise VerificationError("an entry bundle is cut off")
        leaves.append(data[start + 2 : end])
        start = end
    return leaves


def _grown(hashes: Sequence[bytes]) -> CompactRange:
    tree = CompactRange()
    for one in hashes:
        tree.append(one)
    return tree


def _write(path: Path, data: bytes) -> None:
    """Write in one step, so that no reader ever sees half a file; what is there already is left alone."""
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_bytes(data)
    new.replace(path)
