"""The part of the HDF5 format that says what a file holds and where: object headers, groups, links and attributes.

HDF5 File Format Specification 3.0. Only what Keras and h5py write is read; anything else raises VerificationError.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from secmlops.core.errors import VerificationError
from secmlops.release.scan.inspection import Data

_NOWHERE = 0xFFFFFFFFFFFFFFFF
_LINK_INFO, _LINK, _EXTERNAL_FILES, _LAYOUT = 0x02, 0x06, 0x07, 0x08
_ATTRIBUTE, _CONTINUATION, _SYMBOL_TABLE, _ATTRIBUTE_INFO = 0x0C, 0x10, 0x11, 0x15
_EXTERNAL_LINK, _VIRTUAL = 64, 3
_TEXT, _VARIABLE = 3, 9


@dataclass(slots=True)
class Hdf5:
    """One file; ``most`` bounds the messages, tree nodes and symbols that are looked at."""

    data: Data
    most: int
    steps: int = 0

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self.most:
            raise VerificationError("the file has more parts than the limits allow")

    def number(self, at: int, size: int = 8) -> int:
        """Unsigned little-endian number of ``size`` bytes; raises VerificationError beyond the end."""
        if not 0 <= at <= len(self.data) - size:
            raise VerificationError("an address lies beyond the end of the file")
        return int.from_bytes(self.data[at : at + size], "little")

    def root(self) -> int:
        """Address of the root group's object header."""
        version = self.number(8, 1)
        sizes, base, root = {0: (13, 24, 64), 1: (13, 28, 68), 2: (9, 12, 36), 3: (9, 12, 36)}.get(version, (0, 0, 0))
        if not root or self.number(sizes, 1) != 8 or self.number(sizes + 1, 1) != 8 or self.number(base):
            raise VerificationError("a superblock of an unusual kind")
        return self.number(root)

    def messages(self) -> Iterator[tuple[int, int, int]]:
        """Type, address and size of every message of every object."""
        pending, seen = [self.root()], set[int]()
        while pending:
            address = pending.pop()
            if address in seen:
                continue
            seen.add(address)
            for kind, at, size in self._header(address):
                yield kind, at, size
                pending.extend(self._children(kind, at))

    def _header(self, address: int) -> Iterator[tuple[int, int, int]]:
        newer = self.number(address, 4) == int.from_bytes(b"OHDR", "little")
        if not newer and self.number(address, 1) != 1:
            raise VerificationError("an object header of an unknown version")
        flags = self.number(address + 5, 1) if newer else 0
        blocks = [self._first_block(address, flags) if newer else (address + 16, self.number(address + 8, 4))]
        read = 0
        while blocks:
            start, size = blocks.pop()
            read += size
            if read > len(self.data):
                raise VerificationError("an object header runs in a circle")
            for kind, at, length in self._block(start, size, flags if newer else None):
                if kind == _CONTINUATION:
                    more, extent = self.number(at), self.number(at + 8)
                    blocks.append((more + 4, extent - 8) if newer else (more, extent))
                else:
                    yield kind, at, length

    def _first_block(self, address: int, flags: int) -> tuple[int, int]:
        at = address + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        return at + width, self.number(at, width)

    def _block(self, start: int, size: int, flags: int | None) -> Iterator[tuple[int, int, int]]:
        head = 8 if flags is None else 6 if flags & 0x04 else 4
        wide = 2 if flags is None else 1
        at, end = start, start + size
        while at + head <= end:
            self._step()
            kind, length = self.number(at, wide), self.number(at + wide, 2)
            if self.number(at + wide + 2, 1) & 0x02:
                raise VerificationError("a message that is kept elsewhere")
            at += head
            if at + length > end:
                raise VerificationError("a message reaches beyond its block")
            yield kind, at, length
            at += length

    def _children(self, kind: int, at: int) -> list[int]:
        if kind == _SYMBOL_TABLE:
            return list(self._tree(self.number(at), 0))
        if kind == _LINK and not self.is_external_link(at):
            target, soft = self._link(at)
            return [] if soft else [self.number(target)]
        flags = self.number(at + 1, 1) if kind in (_LINK_INFO, _ATTRIBUTE_INFO) else 0
        if kind == _LINK_INFO and self.number(at + 2 + (8 if flags & 1 else 0)) != _NOWHERE:
            raise VerificationError("a group with its links in a heap")
        if kind == _ATTRIBUTE_INFO and self.number(at + 2 + (2 if flags & 1 else 0)) != _NOWHERE:
            raise VerificationError("an object with its attributes in a heap")
        return []

    def _link(self, at: int) -> tuple[int, bool]:
        """Where the target of a link is written, and whether it is only a path."""
        flags = self.number(at + 1, 1)
        soft = bool(flags & 0x08) and self.number(at + 2, 1) != 0
        at += 2 + bool(flags & 0x08) + (8 if flags & 0x04 else 0) + bool(flags & 0x10)
        width = 1 << (flags & 3)
        return at + width + self.number(at, width), soft

    def is_external_link(self, at: int) -> bool:
        """Whether a link message leads to another file."""
        return bool(self.number(at + 1, 1) & 0x08) and self.number(at + 2, 1) >= _EXTERNAL_LINK

    def reads_other_files(self, kind: int, at: int) -> bool:
        """Whether a message makes a reader open another file: by a link, for raw data, or for a virtual data set."""
        if kind == _LINK:
            return self.is_external_link(at)
        virtual = kind == _LAYOUT and self.number(at, 1) >= 3 and self.number(at + 1, 1) == _VIRTUAL
        return kind == _EXTERNAL_FILES or virtual

    def _tree(self, address: int, depth: int) -> Iterator[int]:
        """Object headers that a version 1 B-tree of symbol tables leads to."""
        if depth > 8 or bytes(self.data[address : address + 4]) != b"TREE" or self.number(address + 4, 1):
            raise VerificationError("a group's tree is broken")
        level, count = self.number(address + 5, 1), self.number(address + 6, 2)
        for index in range(count):
            self._step()
            child = self.number(address + 32 + 16 * index)
            if level:
                yield from self._tree(child, depth + 1)
            else:
                yield from self._symbols(child)

    def _symbols(self, address: int) -> Iterator[int]:
        if bytes(self.data[address : address + 4]) != b"SNOD":
            raise VerificationError("a group's symbol table is broken")
        for index in range(self.number(address + 6, 2)):
            self._step()
            entry = address + 8 + 40 * index
            if self.number(entry + 16, 4) != 2:  # 2 is a soft link: a path within the file
                yield self.number(entry + 8)

    def texts(self, kind: int, at: int, size: int) -> Iterator[tuple[str, bytes]]:
        """Name and value of each text of an attribute message; nothing for attributes of numbers."""
        if kind != _ATTRIBUTE:
            return
        version, flags = self.number(at, 1), self.number(at + 1, 1)
        if version not in (1, 2, 3) or (version > 1 and flags & 3):
            raise VerificationError("an attribute of an unusual kind")
        lengths = [self.number(at + 2 + 2 * index, 2) for index in range(3)]
        padded = [-(-length // 8) * 8 for length in lengths] if version == 1 else lengths
        start = at + (9 if version == 3 else 8)
        kind_at, value, end = start + padded[0], start + sum(padded), at + size
        name = str(self.data[start : start + lengths[0]], "utf-8", "replace").rstrip("\x00")
        element = self.number(kind_at, 1) & 0x0F
        if element == _TEXT:
            yield name, bytes(self.data[value:end]).rstrip(b"\x00 ")
        elif element == _VARIABLE:
            for item in range(value, end - 15, 16):
                yield name, self._from_heap(self.number(item + 4), self.number(item + 12, 4), self.number(item, 4))

    def _from_heap(self, address: int, index: int, length: int) -> bytes:
        """Object ``index`` of a global heap collection."""
        if not length:
            return b""
        if bytes(self.data[address : address + 4]) != b"GCOL":
            raise VerificationError("a text lies in no heap")
        at, end = address + 16, address + self.number(address + 8)
        while at + 16 <= end:
            found, size = self.number(at, 2), self.number(at + 8)
            if found == index and found:
                return bytes(self.data[at + 16 : at + 16 + min(size, length)]).rstrip(b"\x00")
            if not found:
                break
            at += 16 + -(-size // 8) * 8
        raise VerificationError("a text is missing from its heap")
