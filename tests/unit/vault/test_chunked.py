import hashlib
import io
import json
import os
import zlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes

from secmlops.core.errors import InputError, VerificationError
from secmlops.vault import chunked, message_key
from secmlops.vault.chunked import ChunkedReader, decrypt_stream, encrypt_stream

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "vault"
OURS = json.loads((GOLDEN / "chunked_v1.json").read_text())["cases"]
OFFICIAL = json.loads((GOLDEN / "cobblestone_256.json").read_text())
KEY = bytes(range(32))
SIZES = [0, 1, 16383, 16384, 16385, 16 * 16384 - 1, 16 * 16384, 16 * 16384 + 1, 700_001]


def seal(data: bytes, key: bytes = KEY, context: bytes = b"", salt: bytes | None = None) -> bytes:
    sink = io.BytesIO()
    encrypt_stream(io.BytesIO(data), sink, key, context, salt)
    return sink.getvalue()


def unseal(sealed: bytes, key: bytes = KEY, context: bytes = b"") -> bytes:
    sink = io.BytesIO()
    decrypt_stream(io.BytesIO(sealed), sink, key, context)
    return sink.getvalue()


def reader(sealed: bytes, key: bytes = KEY, context: bytes = b"") -> ChunkedReader:
    return ChunkedReader(io.BytesIO(sealed), key, context)


@pytest.mark.parametrize("case", OURS, ids=lambda case: str(case["plaintext_size"]))
def test_known_answers(case: dict[str, Any]) -> None:
    key, salt, context = (bytes.fromhex(case[name]) for name in ("key", "salt", "context"))
    plain = (bytes(range(251)) * (case["plaintext_size"] // 251 + 1))[: case["plaintext_size"]]
    sealed = seal(plain, key, context, salt)
    assert len(sealed) == case["ciphertext_size"]
    assert hashlib.sha256(sealed).hexdigest() == case["ciphertext_sha256"]
    assert case.get("ciphertext", sealed.hex()) == sealed.hex()
    assert unseal(sealed, key, context) == plain
    assert reader(sealed, key, context).read() == plain


@pytest.mark.parametrize("case", OFFICIAL["tests"], ids=lambda case: case["comment"])
def test_official_vectors_which_differ_in_the_hash_alone(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_key, "HASH", hashes.SHA512())
    key, sealed = bytes.fromhex(OFFICIAL["key"]), zlib.decompress(bytes.fromhex(case["ct"]))
    plain = unseal(sealed, key)
    assert len(plain) == case["msgLength"]
    assert hashlib.sha512(plain).hexdigest() == case["msgSha512"]
    assert reader(sealed, key).read() == plain
    assert seal(plain, key, salt=sealed[:24]) == sealed


@pytest.mark.parametrize("size", [0, 16384, 300 * 16384 + 5])
def test_agrees_with_another_implementation(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    other = pytest.importorskip("cryptography.cobblestone", reason="this release of cryptography does not have it")
    monkeypatch.setattr(message_key, "HASH", hashes.SHA512())
    plain = os.urandom(size)
    decryptor = other.Cobblestone256Decryptor(KEY, b"both ways")
    assert decryptor.update(seal(plain, context=b"both ways")) + decryptor.finalize() == plain
    encryptor = other.Cobblestone256Encryptor(KEY, b"both ways")
    assert unseal(encryptor.update(plain) + encryptor.finalize(), context=b"both ways") == plain


@pytest.mark.parametrize("size", SIZES)
def test_round_trip_and_size(size: int) -> None:
    plain = os.urandom(size)
    sealed = seal(plain, context=b"this one")
    assert len(sealed) == 56 + size + 16 * (size // 16384 + 1)
    assert unseal(sealed, context=b"this one") == plain
    assert reader(sealed, context=b"this one").read() == plain
    assert reader(sealed, context=b"this one").size == size


def test_streams_need_not_be_seekable() -> None:
    plain, (read_end, write_end) = os.urandom(20_000), os.pipe()
    with os.fdopen(read_end, "rb") as source, os.fdopen(write_end, "wb") as sink:
        encrypt_stream(io.BytesIO(plain), sink, KEY, b"")
        sink.close()
        opened = io.BytesIO()
        decrypt_stream(source, opened, KEY, b"")
    assert opened.getvalue() == plain


def test_a_salt_is_fresh_each_time() -> None:
    assert len({seal(b"same")[:24] for _ in range(8)}) == 8


def test_random_access() -> None:
    plain = os.urandom(40 * 16384 + 99)
    with io.BufferedReader(reader(seal(plain)), 4096) as stream:
        for offset, size in [(0, 5), (16380, 10), (16384, 16384), (600_000, 300_000), (len(plain) - 3, 50), (7, 0)]:
            stream.seek(offset)
            assert stream.read(size) == plain[offset : offset + size]
        assert stream.seek(-9, os.SEEK_END) == len(plain) - 9
        assert stream.read() == plain[-9:]
        assert stream.seek(len(plain) + 5) == len(plain) + 5
        assert stream.read(1) == b""


def test_is_a_well_behaved_stream() -> None:
    raw = reader(seal(b"0123456789"))
    assert raw.readable()
    assert raw.seekable()
    assert not raw.writable()
    assert raw.read(4) == b"0123"
    assert raw.seek(2, os.SEEK_CUR) == raw.tell() == 6
    assert raw.readall() == b"6789"
    assert raw.readall() == b""
    assert raw.readinto(bytearray(0)) == 0
    for offset, whence in [(-1, os.SEEK_SET), (-11, os.SEEK_END), (0, 9)]:
        with pytest.raises(OSError, match="Invalid argument"):
            raw.seek(offset, whence)
    raw.close()
    raw.close()
    with pytest.raises(ValueError, match="closed"):
        raw.readinto(bytearray(1))


def test_the_reader_owns_its_source() -> None:
    source = io.BytesIO(seal(b"x"))
    ChunkedReader(source, KEY, b"").close()
    assert source.closed
    refused = io.BytesIO(seal(b"x"))
    with pytest.raises(VerificationError):
        ChunkedReader(refused, KEY, b"another context", where="model 12ab")
    assert refused.closed
    bad_key = io.BytesIO(seal(b"x"))
    with pytest.raises(InputError):
        ChunkedReader(bad_key, b"short", b"")
    assert bad_key.closed


def test_errors_name_the_message() -> None:
    sealed = bytearray(seal(bytes(100_000)))
    sealed[60] ^= 1
    stream = ChunkedReader(io.BytesIO(sealed), KEY, b"", where="model 12ab")
    with pytest.raises(VerificationError, match=r"^model 12ab: chunk 0 is not what was sealed"):
        stream.read(1)


def test_a_message_that_shrinks_under_the_reader_is_refused() -> None:
    source = io.BytesIO(seal(bytes(100_000)))
    stream = ChunkedReader(source, KEY, b"")
    source.truncate(20_000)
    stream.seek(50_000)
    with pytest.raises(VerificationError, match="shorter while it was read"):
        stream.read(1)


@pytest.mark.parametrize("size", [3 * 16384, 3 * 16384 + 1])
def test_no_more_chunks_than_the_limit(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, outside = seal(bytes(3 * 16384 - 1)), seal(bytes(size))
    monkeypatch.setattr(message_key, "MAX_CHUNKS", 3)
    monkeypatch.setattr(chunked, "MAX_CHUNKS", 3)
    assert len(unseal(inside)) == reader(inside).size == 3 * 16384 - 1
    with pytest.raises(InputError, match="4 PiB"):
        seal(bytes(size))
    with pytest.raises(VerificationError, match="4 PiB"):
        unseal(outside)
    with pytest.raises(VerificationError, match="4 PiB"):
        reader(outside)
