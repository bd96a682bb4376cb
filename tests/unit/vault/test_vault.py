import io
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.vault.address import Address
from secmlops.vault.local import LocalObjectStore
from secmlops.vault.vault import Vault

DATA = os.urandom(100_000)


class Interrupted(LocalObjectStore):
    """A store in which something happens just before an object is published."""

    happens: Callable[[], None] = staticmethod(lambda: None)

    def put(self, name: str, write: Callable[[BinaryIO], None], /) -> None:
        def and_then(sink: BinaryIO) -> None:
            write(sink)
            happens, self.happens = self.happens, lambda: None
            happens()

        super().put(name, and_then)


@pytest.fixture
def interrupted(tmp_path: Path) -> Interrupted:
    return Interrupted(tmp_path / "objects")


@pytest.fixture
def slow(tmp_path: Path, ring: Any, interrupted: Interrupted) -> Vault:
    return Vault(interrupted, LocalObjectStore(tmp_path / "keys"), ring, "credit")


def _files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name != ".lock")


def test_what_is_put_comes_back(vault: Vault) -> None:
    digest = vault.put(DATA, "dataset")
    assert digest == Digest.of(DATA)
    assert vault.has(digest, "dataset")
    assert vault.read(digest, "dataset") == DATA
    with vault.open(digest, "dataset") as stream:
        stream.seek(70_000)
        assert stream.read(10) == DATA[70_000:70_010]


def test_an_empty_object(vault: Vault) -> None:
    assert vault.read(vault.put(b"", "dataset"), "dataset") == b""


def test_streams_with_and_without_a_way_back(vault: Vault) -> None:
    assert vault.put(io.BytesIO(DATA), "dataset") == Digest.of(DATA)
    read_end, write_end = os.pipe()
    os.write(write_end, b"from a pipe")
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        digest = vault.put(pipe, "dataset")
    assert vault.read(digest, "dataset") == b"from a pipe"


def test_nothing_of_the_plaintext_is_on_the_disk(vault: Vault, tmp_path: Path) -> None:
    vault.put(b"a private sentence" * 3000, "dataset")
    assert all(b"private" not in (tmp_path / name).read_bytes() for name in _files(tmp_path))


def test_putting_again_changes_nothing(vault: Vault, tmp_path: Path) -> None:
    digest = vault.put(DATA, "dataset")
    before = {name: (tmp_path / name).read_bytes() for name in _files(tmp_path)}
    assert vault.put(io.BytesIO(DATA), "dataset") == digest
    assert {name: (tmp_path / name).read_bytes() for name in _files(tmp_path)} == before


def test_each_object_has_a_key_of_its_own(vault: Vault, tmp_path: Path) -> None:
    one, two = vault.put(DATA, "dataset"), vault.put(DATA, "model")
    assert one == two
    ids = {(tmp_path / "keys" / kind / one.hex).read_bytes()[:16] for kind in ("dataset", "model")}
    assert len(ids) == 2


def test_lists_what_is_there(vault: Vault, tmp_path: Path) -> None:
    digests = {vault.put(str(i).encode(), "model") for i in range(3)} | {vault.put(b"x", "dataset")}
    (tmp_path / "keys/model/readme.txt").write_text("not ours")
    (tmp_path / "objects/model/readme.txt").write_text("not ours")
    assert [a.kind for a in vault.list()] == ["dataset", "model", "model", "model"]
    assert {a.digest for a in vault.list()} == digests
    assert vault.rewrap() == 4


def test_what_is_not_there(vault: Vault) -> None:
    digest = vault.put(DATA, "dataset")
    for kind, other in [("model", digest), ("dataset", Digest.of(b"y"))]:
        assert not vault.has(other, kind)
        with pytest.raises(InputError, match="holds no such object") as told:
            vault.read(other, kind)
        assert told.value.where == str(Address(kind, other))


def test_an_object_without_its_bytes_is_not_there(vault: Vault, tmp_path: Path) -> None:
    digest = vault.put(DATA, "dataset")
    (tmp_path / "objects/dataset" / digest.hex).unlink()
    assert not vault.has(digest, "dataset")
    assert vault.list() == ()
    with pytest.raises(InputError, match="holds no such object"):
        vault.open(digest, "dataset")
    vault.put(DATA, "dataset")
    assert vault.read(digest, "dataset") == DATA


def test_names_that_are_refused(tmp_path: Path, ring: Any, vault: Vault) -> None:
    with pytest.raises(InputError, match="name of its project"):
        Vault.local(tmp_path, ring, "")
    with pytest.raises(InputError, match="not a kind"):
        vault.put(DATA, "../escape")
    assert _files(tmp_path) == []


def test_destroyed_is_gone_with_every_copy(vault: Vault, tmp_path: Path) -> None:
    digest = vault.put(DATA, "dataset")
    copy = (tmp_path / "objects/dataset" / digest.hex).read_bytes()
    assert vault.destroy(digest, "dataset")
    assert not vault.has(digest, "dataset")
    assert _files(tmp_path) == []
    (tmp_path / "objects/dataset" / digest.hex).write_bytes(copy)
    assert not vault.has(digest, "dataset")
    with pytest.raises(InputError, match="holds no such object"):
        vault.open(digest, "dataset")
    assert vault.destroy(digest, "dataset"), "bytes without a key are removed as well"
    assert not vault.destroy(digest, "dataset")


def test_the_data_key_is_destroyed_before_the_object(tmp_path: Path, ring: Any) -> None:
    class Stuck(LocalObjectStore):
        def delete(self, name: str, /) -> bool:
            raise InputError("the object cannot be deleted")

    keys = LocalObjectStore(tmp_path / "keys")
    vault = Vault(Stuck(tmp_path / "objects"), keys, ring, "credit")
    digest = vault.put(DATA, "dataset")
    with pytest.raises(InputError):
        vault.destroy(digest, "dataset")
    assert list(keys.list()) == []


def test_rewrapping_outlives_the_old_key(vault: Vault, ring: Any) -> None:
    digests = [vault.put(bytes([i]), "model") for i in range(3)]
    ring.rotate()
    assert vault.rewrap() == 3
    ring.forget_old()
    assert [vault.read(digest, "model") for digest in digests] == [b"\x00", b"\x01", b"\x02"]


def test_rewrapping_goes_on_after_a_damaged_record_and_then_tells(vault: Vault, ring: Any, tmp_path: Path) -> None:
    digests = sorted(vault.put(bytes([i]), "model") for i in range(3))
    (tmp_path / "keys/model" / digests[0].hex).write_bytes(bytes(80))
    ring.rotate()
    with pytest.raises(VerificationError, match="1 data keys could not be unwrapped"):
        vault.rewrap()
    ring.forget_old()
    assert {vault.read(digest, "model") for digest in digests[1:]} < {b"\x00", b"\x01", b"\x02"}


def test_rewrapping_does_not_bring_back_what_is_destroyed_meanwhile(tmp_path: Path, ring: Any) -> None:
    vault = Vault.local(tmp_path, ring, "credit")
    digest = vault.put(DATA, "dataset")

    class Destroying(type(ring)):  # type: ignore[misc]
        def wrap(self, data_key: bytes, context: bytes) -> bytes:
            vault.destroy(digest, "dataset")
            return ring.wrap(data_key, context)

    other = Destroying()
    other.keys = ring.keys
    assert Vault.local(tmp_path, other, "credit").rewrap() == 0
    assert _files(tmp_path) == []


def test_a_source_that_changes_between_the_two_readings_is_refused(vault: Vault, tmp_path: Path) -> None:
    class Shifting(io.BytesIO):
        def seek(self, *where: int) -> int:
            self.getbuffer()[0] ^= 1
            return super().seek(*where)

    with pytest.raises(VerificationError, match="changed while it was read"):
        vault.put(Shifting(DATA), "dataset")
    assert _files(tmp_path) == []


def test_putting_again_repairs_a_damaged_object(vault: Vault, tmp_path: Path) -> None:
    digest = vault.put(DATA, "dataset")
    path = tmp_path / "objects/dataset" / digest.hex
    path.write_bytes(path.read_bytes()[:-1])
    vault.put(DATA, "dataset")
    assert vault.read(digest, "dataset") == DATA


def test_a_damaged_record_is_told_and_not_overwritten(vault: Vault, tmp_path: Path) -> None:
    digest = vault.put(DATA, "dataset")
    path = tmp_path / "keys/dataset" / digest.hex
    path.write_bytes(bytes(60))
    with pytest.raises(VerificationError, match="does not open") as told:
        vault.put(DATA, "dataset")
    assert "name their folder in SECMLOPS_KEYS" in told.value.hint
    assert "destroy" not in told.value.hint
    vault.destroy(digest, "dataset")
    vault.put(DATA, "dataset")
    assert vault.read(digest, "dataset") == DATA


def test_a_writer_of_the_same_bytes_may_come_first(slow: Vault, interrupted: Interrupted, vault: Vault) -> None:
    interrupted.happens = lambda: _put(vault)
    digest = slow.put(io.BytesIO(DATA), "dataset")
    assert slow.read(digest, "dataset") == DATA == vault.read(digest, "dataset")


def test_a_writer_of_the_same_bytes_may_come_in_between(tmp_path: Path, ring: Any, interrupted: Interrupted) -> None:
    class Late(LocalObjectStore):
        def create(self, name: str, data: bytes, /) -> bool:
            _put(Vault.local(tmp_path, ring, "credit"))
            return super().create(name, data)

    vault = Vault(interrupted, Late(tmp_path / "keys"), ring, "credit")
    digest = vault.put(DATA, "dataset")
    assert vault.read(digest, "dataset") == DATA


def test_destroying_during_a_put_leaves_a_whole_object(slow: Vault, interrupted: Interrupted, vault: Vault) -> None:
    interrupted.happens = lambda: _destroy(vault)
    digest = slow.put(DATA, "dataset")
    assert slow.read(digest, "dataset") == DATA


def test_destroying_and_putting_anew_during_a_repair(slow: Vault, interrupted: Interrupted, vault: Vault) -> None:
    digest = vault.put(DATA, "dataset")
    interrupted.delete(Address("dataset", digest).name)

    def meanwhile() -> None:
        _destroy(vault)
        _put(vault)

    interrupted.happens = meanwhile
    slow.put(DATA, "dataset")
    assert slow.read(digest, "dataset") == DATA


def test_a_full_disk_is_told_and_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(InputError, match="cannot be stored: file too large"):
            vault.put(DATA, "dataset")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert _files(tmp_path) == []
    assert vault.list() == ()


def test_killed_in_the_middle_of_a_put(vault: Vault, tmp_path: Path) -> None:
    code = """
import io, sys, time
from pathlib import Path
from secmlops.vault.vault import Vault
class Plain:
    def wrap(self, data_key, context): return data_key
    def unwrap(self, wrapped, context): return wrapped
class Slow(io.BytesIO):
    passes = 0
    def readinto(self, buffer):
        self.passes += self.tell() == 0
        if self.passes == 2 and self.tell() > 500_000:
            print("half", flush=True); time.sleep(60)
        return super().readinto(buffer)
Vault.local(Path(sys.argv[1]), Plain(), "credit").put(Slow(bytes(1_000_000)), "dataset")
"""
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"half\n"
        child.kill()
        child.wait()
    digest = Digest.of(bytes(1_000_000))
    assert not vault.has(digest, "dataset")
    assert vault.list() == ()
    vault.put(bytes(1_000_000), "dataset")
    assert vault.read(digest, "dataset") == bytes(1_000_000)
    assert _files(tmp_path) == [f"keys/dataset/{digest.hex}", f"objects/dataset/{digest.hex}"]


def test_killed_between_the_data_key_and_the_object(slow: Vault, interrupted: Interrupted, tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    interrupted.happens = kill
    with pytest.raises(Killed):
        slow.put(DATA, "dataset")
    assert slow.list() == ()
    digest = slow.put(DATA, "dataset")
    assert slow.read(digest, "dataset") == DATA


def test_bytes_that_are_not_their_digest_are_refused_by_read(vault: Vault) -> None:
    """A writer who has the keys but lies about the digest passes every tag."""
    lie = Digest.of(DATA)
    assert vault._store(io.BytesIO(b"something else"), Address("dataset", lie))
    with vault.open(lie, "dataset") as stream:
        assert stream.read() == b"something else"
    with pytest.raises(VerificationError, match="another digest"):
        vault.read(lie, "dataset")


def test_a_sealed_copy_opens_as_long_as_its_data_key_lives(vault: Vault) -> None:
    digest, other = vault.put(DATA, "model"), vault.put(b"another", "model")
    copy = vault.sealed(digest, "model")
    assert DATA[:50] not in copy
    assert vault.unseal(copy, digest, "model") == DATA
    for damaged in (copy[:-1], copy + b"x", vault.sealed(other, "model")):
        with pytest.raises(VerificationError) as told:
            vault.unseal(damaged, digest, "model")
        assert told.value.where == str(Address("model", digest))
    vault.destroy(digest, "model")
    for attempt in (lambda: vault.unseal(copy, digest, "model"), lambda: vault.sealed(digest, "model")):
        with pytest.raises(InputError, match="holds no such object"):
            attempt()


def _put(vault: Vault) -> None:
    vault.put(DATA, "dataset")


def _destroy(vault: Vault) -> None:
    vault.destroy(Digest.of(DATA), "dataset")
