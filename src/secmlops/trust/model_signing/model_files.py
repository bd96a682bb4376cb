"""The files of a model, in memory or in a folder: found, read and hashed as a serialization says (OMS, section 6)."""

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import TypeAlias

from secmlops.core.errors import InputError
from secmlops.trust.model_signing.manifest import Hash, Serialization
from secmlops.trust.model_signing.names import ALWAYS_IGNORED, check_name, is_ignored

ModelFiles: TypeAlias = Mapping[str, bytes] | Path
_File: TypeAlias = BufferedReader | BytesIO
_BLOCK = 1024 * 1024


def measure(files: ModelFiles, how: Serialization, ignored: Collection[str] = ()) -> dict[str, str]:
    """Digests in hex, by name of the file or shard.

    What is listed as ignored in ``how``, in ``ignored``, or always, is left out. A single file is named by its
    basename. Raises InputError for links, for what is no regular file, for names that are not canonical, and for what
    cannot be read.
    """
    left_out = {*ALWAYS_IGNORED, *how.ignore_paths, *ignored}
    found = _in_memory(files, left_out) if isinstance(files, Mapping) else _in_folder(files, left_out)
    digests: dict[str, str] = {}
    for name, place in found:
        with _opened(place) as file:
            if how.shard_size is None:
                digests[name] = _hash(file, how.hash_type)
            else:
                digests |= _shards(name, file, how.hash_type, how.shard_size)
    return digests


def _in_memory(files: Mapping[str, bytes], left_out: Collection[str]) -> Iterator[tuple[str, bytes]]:
    for name, data in files.items():
        if not is_ignored(check_name(name), left_out):
            yield name, data


def _in_folder(root: Path, left_out: Collection[str]) -> Iterator[tuple[str, Path]]:
    try:
        if not stat.S_ISDIR(root.stat().st_mode):
            yield check_name(root.name), root
            return
        waiting = [root]
        while waiting:
            for path in waiting.pop().iterdir():
                name = path.relative_to(root).as_posix()
                if is_ignored(name, left_out):
                    continue
                mode = path.lstat().st_mode
                if stat.S_ISDIR(mode):
                    waiting.append(path)
                elif stat.S_ISREG(mode):
                    yield check_name(name), path
                else:
                    raise InputError("a link, or no regular file", where=str(path), hint="put the file itself there")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(root)) from None


@contextmanager
def _opened(place: bytes | Path) -> Iterator[_File]:
    if isinstance(place, bytes):
        yield BytesIO(place)
        return
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InputError("not a regular file", where=str(place))
            yield file
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(place)) from None


def _hash(file: _File, kind: Hash) -> str:
    return hashlib.file_digest(file, kind).hexdigest()


def _shards(name: str, file: _File, kind: Hash, size: int) -> dict[str, str]:
    digests: dict[str, str] = {}
    start = 0
    while True:
        state = hashlib.new(kind)
        end = start
        while end - start < size and (block := file.read(min(_BLOCK, size - (end - start)))):
            state.update(block)
            end += len(block)
        if end == start:
            return digests
        digests[f"{name}:{start}:{end}"] = state.hexdigest()
        start = end
