"""The vault: objects stored encrypted, each under a data key of its own, fetched by the digest of their plaintext."""

import contextlib
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Self

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.vault.address import Address
from secmlops.vault.chunked import ChunkedReader, encrypt_stream
from secmlops.vault.data_key import ID_SIZE, MAX_RECORD_SIZE, RECOVERY, DataKey, KeyWrapper
from secmlops.vault.intake import Again, admitted
from secmlops.vault.local import LocalObjectStore
from secmlops.vault.storage import ObjectStore

__all__ = ["Address", "KeyWrapper", "Vault"]

_READ_AHEAD = 64 * 1024


class Vault:
    """Content-addressed storage with envelope encryption.

    Each object is one message of C2SP chunked-encryption v1 under a random data key. The data key, wrapped by
    ``wrapper``, lies in another store, so that whoever has the objects has nothing, and destroying one small record
    destroys every copy of an object. Object and record are bound to project, kind, digest and data-key id: altered,
    cut off, exchanged, moved to another project, or put back from before a ``destroy``, they are refused.

    Replay cannot mean stale content here: under one digest there is only one content. Whoever kept an object together
    with its record, and can write to both stores, can bring a destroyed object back for as long as the key-encryption
    key of that record lives; rotate it, ``rewrap``, and destroy the old one to end that. What stays visible to whoever
    reads the stores: kinds, digests and sizes.

    An object is there when both its record and its bytes are. The record is made when the bytes are sealed and before
    they are published, and no ``put`` overwrites one; so writers of the same bytes at the same time agree on one data
    key and any of them may win, and what a crash leaves behind is invisible and taken up by the next ``put``.
    """

    def __init__(self, objects: ObjectStore, data_keys: ObjectStore, wrapper: KeyWrapper, project: str) -> None:
        if not project:
            raise InputError("a vault needs the name of its project")
        self._objects = objects
        self._data_keys = data_keys
        self._wrapper = wrapper
        self._project = project

    @classmethod
    def local(cls, folder: Path, wrapper: KeyWrapper, project: str) -> Self:
        """A vault in ``folder``: ``objects/`` and ``keys/`` below it, made on the first ``put``."""
        return cls(LocalObjectStore(folder / "objects"), LocalObjectStore(folder / "keys"), wrapper, project)

    def put(self, data: bytes | BinaryIO, kind: str) -> Digest:
        """Store ``data`` (a stream: what is left of it, in constant memory) and return the digest of the plaintext.

        Putting the same bytes and kind again changes nothing, except that a damaged object is replaced. Raises
        InputError when the source cannot be read or the store cannot be written, and VerificationError when the source
        changed while it was read; nothing is stored then.
        """
        with admitted(data) as (digest, source):
            address = Address(kind, digest)
            stored = self._is_sound(address)
            while not stored:
                stored = self._store(source, address)
        return digest

    def open(self, digest: Digest, kind: str) -> BinaryIO:
        """Return the plaintext as a seekable stream, to be closed by the caller.

        Each chunk is verified before any byte of it is given out, the length on opening. Raises InputError when there
        is no such object, VerificationError (here or while reading) when its bytes or its data key are not what was
        stored.
        """
        return io.BufferedReader(self._reader(Address(kind, digest)), _READ_AHEAD)

    def read(self, digest: Digest, kind: str) -> bytes:
        """Return the whole plaintext, its digest computed once more. Raises what ``open`` raises."""
        address = Address(kind, digest)
        return _whole(self._reader(address), address)

    def sealed(self, digest: Digest, kind: str) -> bytes:
        """Return the object as it is stored, encrypted: to be put elsewhere, and opened there with ``unseal``.

        Its data key stays here, so ``destroy`` makes that copy unreadable, too. Raises InputError when there is none.
        """
        with self._sealed(Address(kind, digest)) as stream:
            return stream.read()

    def unseal(self, sealed: bytes, digest: Digest, kind: str) -> bytes:
        """Return the plaintext of what ``sealed`` gave; raises what ``read`` raises."""
        address = Address(kind, digest)
        return _whole(self._opened(io.BytesIO(sealed), self._data_key(address), address), address)

    def has(self, digest: Digest, kind: str) -> bool:
        """Whether there is such an object; its bytes are not examined."""
        name = Address(kind, digest).name
        return self._data_keys.exists(name) and self._objects.exists(name)

    def destroy(self, digest: Digest, kind: str) -> bool:
        """Destroy the data key, which makes every copy of the object unreadable, then the object; False if neither is.

        Copies of the wrapped data key (backups of the key store, blocks the medium has not reused) are dead only with
        the key-encryption key they are wrapped under.
        """
        name = Address(kind, digest).name
        key_gone = self._data_keys.delete(name)
        return self._objects.delete(name) or key_gone

    def rewrap(self) -> int:
        """Wrap every data key anew under the present key-encryption key; return how many.

        Objects stay as they are. May be stopped and run again. Raises VerificationError after the last one if some
        records could not be unwrapped.
        """
        refused: list[str] = []
        done = 0
        for address in _addresses(self._data_keys.list()):
            try:
                done += self._rewrap_one(address)
            except VerificationError as error:
                refused.append(str(error))
        if refused:
            raise VerificationError(f"{len(refused)} data keys could not be unwrapped", where=refused[0], hint=RECOVERY)
        return done

    def list(self) -> tuple[Address, ...]:
        """Addresses of all objects, sorted by kind and digest."""
        return tuple(sorted({*_addresses(self._data_keys.list())} & {*_addresses(self._objects.list())}))

    def _store(self, source: Again, address: Address) -> bool:
        """Try once; False if somebody else made or destroyed the data key meanwhile, so that it must be done again."""
        claimed = self._data_keys.exists(address.name)
        data_key = self._data_key(address) if claimed else DataKey.generate()

        def write(sink: BinaryIO) -> None:
            source.seek(0)
            encrypt_stream(source, sink, data_key.key, address.context(self._project, data_key.id, "object"))
            record = None if claimed else data_key.to_record(self._wrapper, self._project, address)
            if record and not self._data_keys.create(address.name, record):
                raise _ClaimedMeanwhileError

        with contextlib.suppress(_ClaimedMeanwhileError):
            self._objects.put(address.name, write)
        return self._data_keys.exists(address.name) and self._record(address)[:ID_SIZE] == data_key.id

    def _is_sound(self, address: Address) -> bool:
        if not self.has(address.digest, address.kind):
            return False
        try:
            self._reader(address).close()
        except VerificationError:
            return False
        return True

    def _reader(self, address: Address) -> ChunkedReader:
        data_key = self._data_key(address)
        return self._opened(self._sealed(address), data_key, address)

    def _sealed(self, address: Address) -> BinaryIO:
        if not self._objects.exists(address.name):
            raise _absent(address)
        return self._objects.open(address.name)

    def _opened(self, sealed: BinaryIO, data_key: DataKey, address: Address) -> ChunkedReader:
        context = address.context(self._project, data_key.id, "object")
        return ChunkedReader(sealed, data_key.key, context, where=str(address))

    def _data_key(self, address: Address) -> DataKey:
        return DataKey.from_record(self._record(address), self._wrapper, self._project, address)

    def _record(self, address: Address) -> bytes:
        if not self._data_keys.exists(address.name):
            raise _absent(address)
        with self._data_keys.open(address.name) as stream:
            return stream.read(MAX_RECORD_SIZE + 1)

    def _rewrap_one(self, address: Address) -> bool:
        record = self._record(address)
        data_key = DataKey.from_record(record, self._wrapper, self._project, address)
        return self._data_keys.replace(address.name, record, data_key.to_record(self._wrapper, self._project, address))


class _ClaimedMeanwhileError(Exception):
    """Another writer of the same bytes made their data key first; they are sealed once more, under that one."""


def _whole(reader: ChunkedReader, address: Address) -> bytes:
    with io.BufferedReader(reader, _READ_AHEAD) as stream:
        data = stream.read(reader.size)
    if Digest.of(data) != address.digest:
        raise VerificationError("the plaintext has another digest", where=str(address), hint=RECOVERY)
    return data


def _absent(address: Address) -> InputError:
    return InputError(
        "the vault holds no such object", where=str(address), hint="see the project, the kind and the digest"
    )


def _addresses(names: Iterable[str]) -> Iterator[Address]:
    """Addresses among ``names``; a file that is none of ours is no object."""
    for name in names:
        with contextlib.suppress(InputError):
            yield Address.parse(name)
