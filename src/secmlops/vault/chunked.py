"""C2SP chunked-encryption v1: authenticated encryption of streams of any size, with random access.

Reference: https://c2sp.org/chunked-encryption. A sealed message is salt (24 bytes), commitment (32 bytes), then the
chunks: 16 KiB of plaintext each and a tag of 16 bytes, the last one always shorter and perhaps empty. The commitment is
checked before any chunk is opened, so that a wrong key or context is refused at once; the number of a chunk is part of
its nonce, so that chunks cannot be moved; and a message that does not end in a short chunk was cut off.

Memory is constant: one block of chunks, plain and sealed, whatever the size of the message.
"""

import errno
import hmac
import io
import os
from typing import BinaryIO

from secmlops.core.errors import VerificationError
from secmlops.vault.block import BLOCK_CHUNKS, Block
from secmlops.vault.flow import Sink, Source, drain, fill
from secmlops.vault.message_key import (
    CHUNK_SIZE,
    HEADER_SIZE,
    MAX_CHUNKS,
    SALT_SIZE,
    SEALED_CHUNK_SIZE,
    TAG_SIZE,
    MessageKey,
)


def encrypt_stream(source: Source, sink: Sink, key: bytes, context: bytes, salt: bytes | None = None) -> None:
    """Seal what is left of ``source`` into ``sink``.

    ``key`` is 32 uniformly random bytes, ``context`` names what the message is and must be given again to open it.
    ``salt`` is random unless it is handed in to repeat a known answer; one key and salt must never meet twice.
    Raises InputError for a key or salt of the wrong size, an unreadable source, or more than 4 PiB.
    """
    salt = os.urandom(SALT_SIZE) if salt is None else salt
    message_key = MessageKey.derive(key, context, salt)
    drain(sink, salt + message_key.commitment)
    block, number, ended = Block(BLOCK_CHUNKS), 0, False
    while not ended:
        size = fill(source, block.plain)
        ended = size < len(block.plain)
        sealed_size = block.seal(message_key, number, size)
        drain(sink, block.sealed[:sealed_size])
        number += BLOCK_CHUNKS


def decrypt_stream(source: Source, sink: Sink, key: bytes, context: bytes) -> None:
    """Open the message that ``source`` gives, front to back, into ``sink``; neither needs to be seekable.

    Only verified chunks reach the sink, but that nothing was cut off is known at the end alone: when this raises
    VerificationError, the caller throws away what the sink holds.
    """
    message_key = _read_header(source, key, context)
    block, number, ended = Block(BLOCK_CHUNKS), 0, False
    while not ended:
        sealed_size = fill(source, block.sealed)
        ended = sealed_size < len(block.sealed)
        if ended:
            _check_ending(sealed_size % SEALED_CHUNK_SIZE)
        size = block.open(message_key, number, sealed_size)
        drain(sink, block.plain[:size])
        number += BLOCK_CHUNKS


class ChunkedReader(io.RawIOBase):
    """Read-only, seekable plaintext of a sealed message; wrap it in ``io.BufferedReader`` for many small reads.

    The commitment and the length are verified on construction (the last chunk is opened), each other chunk before any
    byte of it is given out. The reader owns ``source`` and closes it, also when the construction is refused.
    ``where`` names the message in errors. Raises VerificationError for anything that is not the whole message.
    """

    def __init__(self, source: BinaryIO, key: bytes, context: bytes, where: str = "") -> None:
        self._source = source
        self._where = where
        self._position = 0
        self._held = range(0)  # the plaintext offsets that lie, verified, in the block
        try:
            source.seek(0)
            self._message_key = _read_header(source, key, context)
            self._chunks, self._size = _measure(source.seek(0, os.SEEK_END))
            self._block = Block(1)
            self._load(self._chunks - 1, 1)
        except VerificationError as error:
            self.close()
            raise self._located(error) from error
        except BaseException:
            self.close()
            raise

    @property
    def size(self) -> int:
        """Size of the plaintext in bytes, verified."""
        return self._size

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Offset in the plaintext, in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move as ``io.IOBase.seek`` says; like a file, raises OSError (EINVAL) for a place before the start."""
        origins = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}
        if whence not in origins or origins[whence] + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._position = origins[whence] + offset
        return self._position

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]  # narrower than Buffer
        """Fill ``buffer`` as far as one block reaches; return the number of bytes, 0 at the end."""
        if self.closed:
            raise ValueError("I/O operation on closed file")
        view = memoryview(buffer).cast("B")
        if not view or self._position >= self._size:
            return 0
        if self._position not in self._held:
            self._fetch(len(view))
        start = self._position - self._held.start
        count = min(len(view), self._held.stop - self._position)
        view[:count] = self._block.plain[start : start + count]
        self._position += count
        return count

    def readall(self) -> bytes:
        """Return what is left."""
        rest = bytearray(max(0, self._size - self._position))
        fill(self, memoryview(rest))
        return bytes(rest)

    def close(self) -> None:
        """Close the source as well."""
        if not self.closed:
            self._source.close()
        super().close()

    def _fetch(self, wanted: int) -> None:
        first = self._position // CHUNK_SIZE
        needed = -(-(self._position % CHUNK_SIZE + wanted) // CHUNK_SIZE)
        count = min(needed, BLOCK_CHUNKS, self._chunks - first)
        if count > self._block.chunks:
            self._block = Block(BLOCK_CHUNKS)
        try:
            self._load(first, count)
        except VerificationError as error:
            raise self._located(error) from error

    def _load(self, first: int, count: int) -> None:
        self._held = range(0)
        self._source.seek(HEADER_SIZE + first * SEALED_CHUNK_SIZE)
        start, stop = first * CHUNK_SIZE, min((first + count) * CHUNK_SIZE, self._size)
        sealed_size = (stop - start) + count * TAG_SIZE
        if fill(self._source, self._block.sealed[:sealed_size]) != sealed_size:
            raise VerificationError("the message became shorter while it was read")
        self._block.open(self._message_key, first, sealed_size)
        self._held = range(start, stop)

    def _located(self, error: VerificationError) -> VerificationError:
        return VerificationError(error.what, where=self._where, hint=error.hint)


def _read_header(source: Source, key: bytes, context: bytes) -> MessageKey:
    header = memoryview(bytearray(HEADER_SIZE))
    if fill(source, header) != HEADER_SIZE:
        raise _truncated()
    message_key = MessageKey.derive(key, context, bytes(header[:SALT_SIZE]))
    if not hmac.compare_digest(message_key.commitment, header[SALT_SIZE:]):
        raise VerificationError(
            "the key or the context does not fit the message",
            hint="it is another object, or an older one, put in this one's place",
        )
    return message_key


def _measure(sealed_size: int) -> tuple[int, int]:
    """Return the number of chunks and the plaintext size of a message of ``sealed_size`` bytes."""
    whole, rest = divmod(sealed_size - HEADER_SIZE, SEALED_CHUNK_SIZE)
    _check_ending(rest)
    if whole >= MAX_CHUNKS:
        raise VerificationError("the message claims to be longer than 4 PiB")
    return whole + 1, whole * CHUNK_SIZE + rest - TAG_SIZE


def _check_ending(rest: int) -> None:
    """Refuse a message whose last chunk, of ``rest`` sealed bytes, is missing or too short to hold its tag."""
    if rest < TAG_SIZE:
        raise _truncated()


def _truncated() -> VerificationError:
    return VerificationError("the message was cut off", hint="restore the object from a backup")
