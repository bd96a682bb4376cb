"""Ways around the vault: each test is one, and each must fail closed."""

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.vault.chunked import ChunkedReader, decrypt_stream, encrypt_stream
from secmlops.vault.local import LocalObjectStore
from secmlops.vault.vault import Vault

KEY = bytes(range(32))
HEADER, SEALED_CHUNK = 56, 16384 + 16
TEXT = os.urandom(16384 + 40)


class Wrapper:
    """AES-256-GCM under one key-encryption key."""

    def __init__(self) -> None:
        self.aead = AESGCM(AESGCM.generate_key(256))

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self.aead.encrypt(nonce, data_key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return self.aead.decrypt(wrapped[:12], wrapped[12:], context)
        except (InvalidTag, ValueError):
            raise VerificationError("the wrapped key does not open") from None


def seal(data: bytes, key: bytes = KEY, context: bytes = b"", salt: bytes | None = None) -> bytes:
    sink = io.BytesIO()
    encrypt_stream(io.BytesIO(data), sink, key, context, salt)
    return sink.getvalue()


def by_stream(sealed: bytes, key: bytes = KEY, context: bytes = b"") -> bytes:
    sink = io.BytesIO()
    decrypt_stream(io.BytesIO(sealed), sink, key, context)
    return sink.getvalue()


def by_reader(sealed: bytes, key: bytes = KEY, context: bytes = b"") -> bytes:
    return ChunkedReader(io.BytesIO(sealed), key, context).readall()


OPENINGS = pytest.mark.parametrize("opened", [by_stream, by_reader])
Opening = Callable[..., bytes]


def chunks(sealed: bytes) -> list[bytes]:
    return [sealed[i : i + SEALED_CHUNK] for i in range(HEADER, len(sealed), SEALED_CHUNK)]


@OPENINGS
def test_a_bit_flipped_anywhere(opened: Opening) -> None:
    sealed = bytearray(seal(TEXT))
    assert opened(bytes(sealed)) == TEXT
    edges = {*range(HEADER + 32), *range(HEADER + 16384 - 16, len(sealed))}
    for i in sorted(edges | {*range(0, len(sealed), 7)}):
        sealed[i] ^= 1 << i % 8
        with pytest.raises(VerificationError):
            opened(bytes(sealed))
        sealed[i] ^= 1 << i % 8


@OPENINGS
def test_cut_off_at_any_length(opened: Opening) -> None:
    sealed = seal(TEXT)
    for length in range(len(sealed)):
        with pytest.raises(VerificationError):
            opened(sealed[:length])


@OPENINGS
def test_cut_off_at_a_chunk_where_the_rest_is_sound(opened: Opening) -> None:
    sealed = seal(bytes(40 * 16384))
    for count in range(40):
        with pytest.raises(VerificationError, match="cut off"):
            opened(sealed[: HEADER + count * SEALED_CHUNK])


@OPENINGS
@pytest.mark.parametrize("extra", [1, 15, 16, 17, 16344, 16384, 16400, 16416, 16400 * 17], ids=str)
def test_extended(opened: Opening, extra: int) -> None:
    for data in (TEXT, b"", bytes(16384)):
        for more in (bytes(extra), seal(data)[HEADER:][:extra]):
            with pytest.raises(VerificationError):
                opened(seal(data) + more)


@OPENINGS
def test_chunks_reordered_repeated_or_left_out(opened: Opening) -> None:
    sealed = seal(os.urandom(20 * 16384 + 7))
    head, body = sealed[:HEADER], chunks(sealed)
    orders = [
        [body[1], body[0], *body[2:]],
        [*body[:18], body[19], body[18], body[20]],
        [body[0], body[0], *body[2:]],
        [body[0], *body],
        [*body[:5], *body[6:]],
        [body[-1]],
        [*body[:-1], body[-2], body[-1]],
    ]
    for order in orders:
        with pytest.raises(VerificationError):
            opened(head + b"".join(order))


@OPENINGS
def test_chunks_of_another_object(opened: Opening) -> None:
    one, two = seal(os.urandom(40_000), salt=bytes(24)), seal(os.urandom(40_000), context=b"two", salt=bytes(24))
    for i in range(3):
        body = chunks(one)
        body[i] = chunks(two)[i]
        with pytest.raises(VerificationError):
            opened(one[:HEADER] + b"".join(body))
    with pytest.raises(VerificationError, match="key or the context"):
        opened(two[:HEADER] + one[HEADER:])


@OPENINGS
def test_another_key_or_context_is_refused_before_any_chunk_is_opened(opened: Opening) -> None:
    sealed = seal(TEXT, context=b"this")
    for key, context in [(bytes(32), b"this"), (KEY, b"that"), (KEY, b""), (KEY, b"this ")]:
        with pytest.raises(VerificationError, match="key or the context"):
            opened(sealed, key, context)


def test_a_reader_gives_out_no_byte_of_a_chunk_that_is_not_verified() -> None:
    data = os.urandom(5 * 16384)
    sealed = bytearray(seal(data))
    sealed[HEADER + 2 * SEALED_CHUNK + 16383] ^= 1
    reader, given = ChunkedReader(io.BytesIO(sealed), KEY, b""), bytearray(b"\xaa" * len(data))
    reader.seek(2 * 16384)
    for _ in range(2):
        with pytest.raises(VerificationError, match="chunk 2"):
            reader.readinto(given)
        assert given == b"\xaa" * len(data), "the caller's buffer is untouched, also on trying again"
    assert reader.seek(0) == 0
    assert reader.read(2 * 16384) == data[: 2 * 16384], "what is sound can still be read"


def test_a_stream_gives_out_no_byte_of_a_chunk_that_is_not_verified() -> None:
    data = os.urandom(40 * 16384)
    sealed = bytearray(seal(data))
    sealed[HEADER + 35 * SEALED_CHUNK] ^= 1
    sink = io.BytesIO()
    with pytest.raises(VerificationError, match="chunk 35"):
        decrypt_stream(io.BytesIO(sealed), sink, KEY, b"")
    assert data[: 35 * 16384].startswith(sink.getvalue())


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.local(tmp_path, Wrapper(), "credit")


def _refuses(vault: Vault, digest: Digest, kind: str = "model") -> None:
    with pytest.raises(VerificationError):
        vault.read(digest, kind)
    with pytest.raises(VerificationError), vault.open(digest, kind) as stream:
        stream.read()


def test_another_object_put_in_its_place(vault: Vault, tmp_path: Path) -> None:
    one, two = vault.put(b"the approved model", "model"), vault.put(b"another model", "model")
    shutil.copy(tmp_path / "objects/model" / two.hex, tmp_path / "objects/model" / one.hex)
    _refuses(vault, one)


def test_another_object_put_in_its_place_together_with_its_key(vault: Vault, tmp_path: Path) -> None:
    one, two = vault.put(b"the approved model", "model"), vault.put(b"another model", "model")
    for store in ("objects", "keys"):
        shutil.copy(tmp_path / store / "model" / two.hex, tmp_path / store / "model" / one.hex)
    _refuses(vault, one)


def test_an_object_passed_off_as_another_kind(vault: Vault, tmp_path: Path) -> None:
    digest = vault.put(b"rows", "dataset")
    for store in ("objects", "keys"):
        shutil.copytree(tmp_path / store / "dataset", tmp_path / store / "model")
    _refuses(vault, digest)
    assert vault.read(digest, "dataset") == b"rows"


def test_an_object_passed_off_as_another_projects(tmp_path: Path) -> None:
    wrapper = Wrapper()
    digest = Vault.local(tmp_path, wrapper, "credit").put(b"weights", "model")
    _refuses(Vault.local(tmp_path, wrapper, "fraud"), digest)


def test_a_data_key_of_another_object(vault: Vault, tmp_path: Path) -> None:
    one, two = vault.put(b"one", "model"), vault.put(b"two", "model")
    shutil.copy(tmp_path / "keys/model" / two.hex, tmp_path / "keys/model" / one.hex)
    _refuses(vault, one)


@pytest.mark.parametrize("store", ["objects", "keys"])
def test_an_old_version_put_back(vault: Vault, tmp_path: Path, store: str) -> None:
    digest = vault.put(b"weights", "model")
    path = tmp_path / store / "model" / digest.hex
    old = path.read_bytes()
    vault.destroy(digest, "model")
    vault.put(b"weights", "model")
    path.write_bytes(old)
    _refuses(vault, digest)


def test_an_old_wrapped_key_after_the_key_encryption_key_is_gone(tmp_path: Path) -> None:
    wrapper = Wrapper()
    vault = Vault.local(tmp_path, wrapper, "credit")
    digest = vault.put(b"weights", "model")
    old = {store: (tmp_path / store / "model" / digest.hex).read_bytes() for store in ("objects", "keys")}
    vault.destroy(digest, "model")
    wrapper.aead = AESGCM(AESGCM.generate_key(256))
    for store, data in old.items():
        (tmp_path / store / "model" / digest.hex).write_bytes(data)
    _refuses(vault, digest)


def test_a_copy_of_a_destroyed_object(vault: Vault, tmp_path: Path) -> None:
    digest = vault.put(b"personal rows", "dataset")
    copy = (tmp_path / "objects/dataset" / digest.hex).read_bytes()
    vault.destroy(digest, "dataset")
    other = vault.put(b"other rows", "dataset")
    (tmp_path / "objects/dataset" / digest.hex).write_bytes(copy)
    with pytest.raises(InputError, match="no such object"):
        vault.read(digest, "dataset")
    shutil.copy(tmp_path / "keys/dataset" / other.hex, tmp_path / "keys/dataset" / digest.hex)
    _refuses(vault, digest, "dataset")


def test_swapped_between_two_reads_of_one_stream(vault: Vault, tmp_path: Path) -> None:
    one, two = vault.put(bytes(200_000), "model"), vault.put(bytes(199_999) + b"x", "model")
    with vault.open(one, "model") as stream:
        assert stream.read(10) == bytes(10)
        path = tmp_path / "objects/model" / one.hex
        path.write_bytes((tmp_path / "objects/model" / two.hex).read_bytes())
        stream.seek(150_000)
        with pytest.raises(VerificationError):
            stream.read(10)


def test_a_file_swapped_while_it_is_put(vault: Vault, tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"harmless")

    class Swapped(io.FileIO):
        def seek(self, *where: int) -> int:
            file.write_bytes(b"poisoned")
            return super().seek(*where)

    with Swapped(file) as stream, pytest.raises(VerificationError, match="changed while it was read"):
        vault.put(stream, "model")  # type: ignore[arg-type]  # a raw file is a binary stream, only not declared so
    assert vault.list() == ()


def _write(sink: BinaryIO) -> None:
    sink.write(b"outside")


@pytest.mark.parametrize(
    "name", ["../outside", "model/../../outside", "/tmp/outside", "model/..", ".lock", "a/.incoming/b"]
)
def test_a_name_that_leads_out_of_the_store(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        LocalObjectStore(tmp_path / "store").put(name, _write)
    assert list(tmp_path.rglob("outside")) == []


def test_a_symbolic_link_that_leads_out_of_the_store(tmp_path: Path) -> None:
    outside, store = tmp_path / "outside", LocalObjectStore(tmp_path / "store")
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    store.put("a", _write)
    (tmp_path / "store/model").symlink_to(outside)
    for attempt in (
        lambda: store.put("model/b", _write),
        lambda: store.open("model/secret"),
        lambda: store.delete("model/secret"),
    ):
        with pytest.raises(VerificationError, match="symbolic link leads out"):
            attempt()
    (tmp_path / "store/b").symlink_to(outside / "secret")
    with pytest.raises(InputError, match="cannot be read"):
        store.open("b")
    assert [path.name for path in outside.iterdir()] == ["secret"]
