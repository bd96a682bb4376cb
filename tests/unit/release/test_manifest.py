import dataclasses
import json
from datetime import UTC, datetime

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.release.manifest import FileEntry, Manifest
from secmlops.release.names import PART_FILES
from secmlops.trust import dsse
from secmlops.trust.canonical import canonical_json
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.statement import PAYLOAD_TYPE

KEY = PrivateKey.generate(Algorithm.ED25519)


@pytest.fixture
def manifest() -> Manifest:
    entry = FileEntry(Digest.of(b"data"), 4)
    return Manifest(
        name="credit",
        version="1.0.0",
        model=Digest.of(b"model"),
        signature=Digest.of(b"signature"),
        verdict=Digest.of(b"verdict"),
        origin="secmlops.test/credit",
        at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        files=dict.fromkeys([*PART_FILES, "model.onnx.c2sp"], entry),
    )


def signed(manifest: Manifest, change) -> bytes:
    """Envelope over the statement of the manifest after ``change``."""
    statement = json.loads(dsse.Envelope.from_json(manifest.sign(KEY)).payload)
    change(statement)
    return dsse.sign(PAYLOAD_TYPE, canonical_json(statement), KEY).to_json()


def test_what_was_signed_is_read_back(manifest: Manifest) -> None:
    assert Manifest.claimed(manifest.sign(KEY)) == manifest
    assert json.loads(manifest.to_json())["model"] == str(manifest.model)
    assert manifest.folder == "credit-1.0.0"


@pytest.mark.parametrize("name", ["", "Credit", "../credit", "a/b", ".hidden", "a" * 65, "krédit", "credit\n"])
def test_a_name_that_could_not_be_a_folder_is_refused(manifest: Manifest, name: str) -> None:
    with pytest.raises(InputError, match="is not a name"):
        dataclasses.replace(manifest, name=name)


@pytest.mark.parametrize("version", ["", "..", "1/2", "-1", "1 0", "1\n"])
def test_a_version_that_could_not_be_a_folder_is_refused(manifest: Manifest, version: str) -> None:
    with pytest.raises(InputError, match="is not a version"):
        dataclasses.replace(manifest, version=version)


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/b", "", "release.json", "release.dsse.json", ".x"])
def test_a_file_name_that_leads_elsewhere_is_refused(manifest: Manifest, name: str) -> None:
    entry = next(iter(manifest.files.values()))
    with pytest.raises(InputError, match="cannot be a file"):
        dataclasses.replace(manifest, files={**manifest.files, name: entry})


def test_every_part_must_be_there_and_not_too_many(manifest: Manifest) -> None:
    entry = FileEntry(manifest.model, 1)
    few = {name: f for name, f in manifest.files.items() if name != "checkpoint"}
    unsealed = {name: f for name, f in manifest.files.items() if not name.endswith(".c2sp")}
    many = {**manifest.files, **{f"file-{i}": entry for i in range(64)}}
    for files in (few, unsealed, many):
        with pytest.raises(InputError, match="a release of"):
            dataclasses.replace(manifest, files=files)


def test_optional_files_are_signed_by_their_opened_digests(manifest: Manifest) -> None:
    guarded = dataclasses.replace(manifest, optional={"guard.bin": Digest.of(b"guard")})
    assert Manifest.claimed(guarded.sign(KEY)) == guarded
    assert guarded.opened == {
        "model.onnx": manifest.model, "signature.json": manifest.signature, "guard.bin": Digest.of(b"guard")
    }  # fmt: skip
    assert set(json.loads(guarded.to_json())) - set(json.loads(manifest.to_json())) == {"optional"}


@pytest.mark.parametrize("name", ["model.onnx", "evidence.jsonl", "other.bin"])
def test_nothing_else_is_an_optional_file(manifest: Manifest, name: str) -> None:
    with pytest.raises(InputError, match="no optional file"):
        dataclasses.replace(manifest, optional={name: manifest.model})


def test_its_files_must_fit_into_memory(manifest: Manifest) -> None:
    huge = FileEntry(manifest.model, 1 << 32)
    with pytest.raises(InputError, match="a release of 4294967324 bytes"):
        dataclasses.replace(manifest, files={**manifest.files, "model.onnx.c2sp": huge})


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["predicate"].update(schema_version=2),
        lambda s: s["predicate"].update(model="sha256:" + "0" * 64),
        lambda s: s["predicate"].update(model="md5:0"),
        lambda s: s["predicate"].update(at="yesterday"),
        lambda s: s["predicate"].update(extra=1),
        lambda s: s["predicate"].update(optional={}),
        lambda s: s["predicate"].update(optional={"guard.bin": "none"}),
        lambda s: s["predicate"].update(optional={"other.bin": "sha256:" + "0" * 64}),
        lambda s: s["predicate"]["files"].clear(),
        lambda s: s["predicate"]["files"]["checkpoint"].update(size=-1),
        lambda s: s["predicate"]["files"].update({"../up": {"digest": "sha256:" + "0" * 64, "size": 1}}),
        lambda s: s.update(predicateType="urn:other"),
        lambda s: s.update(note="unsigned by the format"),
        lambda s: s["subject"].append(s["subject"][0]),
        lambda s: s.pop("predicate"),
    ],
)
def test_a_signed_statement_that_is_no_manifest_is_refused(manifest: Manifest, change) -> None:
    with pytest.raises(VerificationError):
        Manifest.claimed(signed(manifest, change))


def test_another_form_of_the_same_manifest_is_refused(manifest: Manifest) -> None:
    envelope = manifest.sign(KEY)
    payload = dsse.Envelope.from_json(envelope).payload
    spaced = json.dumps(json.loads(payload)).encode()
    with pytest.raises(VerificationError, match="canonical"):
        Manifest.claimed(dsse.sign(PAYLOAD_TYPE, spaced, KEY).to_json())
    with pytest.raises(VerificationError, match="not the manifest"):
        Manifest.claimed(dsse.sign(PAYLOAD_TYPE, payload.replace(b"credit", b"cr\xffdit"), KEY).to_json())
    for other in (dsse.sign("text/plain", payload, KEY).to_json(), envelope + b"\n", envelope.replace(b":", b": ", 1)):
        with pytest.raises(VerificationError, match="not an envelope"):
            Manifest.claimed(other)
