import hashlib
import json

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.trust.canonical import canonical_json
from secmlops.trust.model_signing.manifest import Hash, Manifest, Serialization

HOW = Serialization(method="files", hash_type=Hash.SHA256, allow_symlinks=False, ignore_paths=(".git",))
A, B = (hashlib.sha256(name).hexdigest() for name in (b"a", b"b"))
MANIFEST = Manifest.of("model", {"b": B, "a": A}, HOW)


def test_a_manifest_survives_its_payload():
    assert [r.name for r in MANIFEST.resources] == ["a", "b"]
    assert Manifest.from_payload(MANIFEST.to_payload()) == MANIFEST


def test_the_root_is_the_digest_of_the_raw_digests_in_order():
    assert MANIFEST.root.hex == hashlib.sha256(bytes.fromhex(A) + bytes.fromhex(B)).hexdigest()


def test_a_file_serialization_has_no_shard_size():
    assert "shard_size" not in json.loads(MANIFEST.to_payload())["predicate"]["serialization"]


def test_a_model_without_name_or_files_is_refused():
    for manifest in (Manifest.of("", {"a": A}, HOW), Manifest.of("model", {}, HOW)):
        with pytest.raises(InputError, match="cannot be signed"):
            manifest.to_payload()


def changed(change):
    read = json.loads(MANIFEST.to_payload())
    change(read)
    return canonical_json(read)


def resources(read):
    return read["predicate"]["resources"]


def serialization(read):
    return read["predicate"]["serialization"]


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(more=1),
        lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"),
        lambda s: s.update(predicateType="https://model_signing/Digests/v0.1"),
        lambda s: s.update(subject=[]),
        lambda s: s.update(subject=s["subject"] * 2),
        lambda s: s["subject"][0].update(name=""),
        lambda s: s["subject"][0].update(digest={}),
        lambda s: s["subject"][0]["digest"].update(sha256=A),
        lambda s: s["predicate"].update(more=1),
        lambda s: resources(s).clear(),
        lambda s: resources(s).reverse(),
        lambda s: resources(s)[1].update(name="a"),
        lambda s: resources(s)[0].update(name="../a"),
        lambda s: resources(s)[0].update(name="."),
        lambda s: resources(s)[0].update(digest=A.upper()),
        lambda s: resources(s)[0].update(digest=A[:-2]),
        lambda s: resources(s)[0].update(algorithm="blake2b"),
        lambda s: resources(s)[0].update(algorithm="md5"),
        lambda s: resources(s)[0].pop("digest"),
        lambda s: serialization(s).update(more=1),
        lambda s: serialization(s).update(method="dfs"),
        lambda s: serialization(s).update(method="shards"),
        lambda s: serialization(s).update(method="shards", shard_size=0),
        lambda s: serialization(s).update(method="shards", shard_size=4),
        lambda s: serialization(s).update(shard_size=4),
        lambda s: serialization(s).update(hash_type="blake3"),
        lambda s: serialization(s).update(hash_type="blake2b"),
        lambda s: serialization(s).update(ignore_paths=["*"]),
        lambda s: serialization(s).update(ignore_paths=[""]),
        lambda s: serialization(s).pop("allow_symlinks"),
    ],
)
def test_a_statement_against_the_standard_is_refused(change):
    with pytest.raises(VerificationError):
        Manifest.from_payload(changed(change))


@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_statement_is_refused(payload):
    with pytest.raises(VerificationError, match="not a statement about a model"):
        Manifest.from_payload(payload)


def test_unknown_fields_of_a_resource_are_ignored():
    read = Manifest.from_payload(changed(lambda s: resources(s)[0].update(uri="x")))
    assert read == MANIFEST


@pytest.mark.parametrize("name", ["a", "a:1", "a:0:0", "a:4:0", "a:00:4", "a:-1:4", "a:0:4 ", ":0:4", "../a:0:4"])
def test_a_shard_is_named_by_its_file_and_range(name):
    how = Serialization(method="shards", hash_type=Hash.SHA256, allow_symlinks=False, shard_size=4)
    with pytest.raises(VerificationError):
        Manifest.from_payload(Manifest.of("model", {name: A}, how).to_payload())
    good = Manifest.of("model", {"a:1:0:4": A}, how)
    assert Manifest.from_payload(good.to_payload()) == good
