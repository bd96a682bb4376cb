"""Bytes on their way into the vault: hashed first, then given again, the same ones or none, in constant memory."""

import contextlib
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.vault.chunked import ChunkedReader, encrypt_stream
from secmlops.vault.flow import Source, fill
from secmlops.vault.message_key import new_key

_BUFFER_SIZE = 256 * 1024


class HashingReader(io.RawIOBase):
    """A source that computes the SHA-256 of what is read from it; closing it leaves the source open."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> Digest:
        """Digest of what has been read so far."""
        return Digest(self._hash.hexdigest())

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]  # narrower than Buffer
        """Fill ``buffer`` as far as the source reaches."""
        view = memoryview(buffer).cast("B")
        count = fill(self._source, view)
        self._hash.update(view[:count])
        return count


class SecondReading(HashingReader):
    """Gives what is left of a seekable source once more; at its end, refuses a source that changed since."""

    def __init__(self, source: BinaryIO, start: int, expected: Digest) -> None:
        super().__init__(source)
        self._stream = source
        self._start = start
        self._expected = expected

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]  # narrower than Buffer
        """Fill ``buffer``; raises VerificationError at the end if these were not the bytes of the first reading."""
        count = super().readinto(buffer)
        if count < len(buffer) and self.digest != self._expected:
            raise VerificationError(
                "the source changed while it was read",
                where=str(self._expected),
                hint="let nobody write to it meanwhile, then put it again",
            )
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Begin again: ``seek(0)`` is the only one."""
        if (offset, whence) != (0, os.SEEK_SET):
            raise io.UnsupportedOperation("only to the start")
        self._stream.seek(self._start)
        self._hash = hashlib.sha256()
        return 0


class Again(Source, Protocol):
    """A source that can be read again from its start, any number of times."""

    def seek(self, offset: int, /) -> int:
        """Go to the start, with ``offset`` 0."""
        ...


@contextlib.contextmanager
def admitted(data: bytes | BinaryIO) -> Iterator[tuple[Digest, Again]]:
    """Yield the digest of ``data`` and a source that gives just those bytes, each time after ``seek(0)``.

    A stream is read from where it stands to its end. One that can be rewound is read again, and refused with
    VerificationError if it changed. One that cannot is kept meanwhile in an unnamed temporary file, sealed under a key
    that exists only in memory. Raises InputError when reading or keeping fails.
    """
    if isinstance(data, bytes | bytearray | memoryview):
        yield Digest.of(data), io.BytesIO(data)
    elif data.seekable():
        start = data.tell()
        digest = _digest(data)
        yield digest, SecondReading(data, start, digest)
    else:
        with _kept(data) as (digest, again):
            yield digest, again


def _digest(source: Source) -> Digest:
    reader, buffer = HashingReader(source), bytearray(_BUFFER_SIZE)
    while reader.readinto(buffer):
        pass
    return reader.digest


@contextlib.contextmanager
def _kept(source: Source) -> Iterator[tuple[Digest, Again]]:
    reader, key, context = HashingReader(source), new_key(), b"secmlops.vault/1 intake"
    with tempfile.TemporaryFile() as spool:
        try:
            encrypt_stream(reader, spool, key, context)
            spool.flush()
        except OSError as error:
            raise InputError(
                f"the stream cannot be kept: {error.strerror or error}",
                where=tempfile.gettempdir(),
                hint="free some space there, set TMPDIR, or hand in a file",
            ) from error
        with io.BufferedReader(ChunkedReader(os.fdopen(os.dup(spool.fileno()), "rb"), key, context)) as again:
            yield reader.digest, again
