import dataclasses
import json

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.release.bundle import read_release
from secmlops.release.manifest import FileEntry, Manifest
from secmlops.trust import dsse
from secmlops.trust.canonical import canonical_json
from secmlops.trust.roles import Role
from secmlops.trust.statement import PAYLOAD_TYPE


@pytest.fixture
def manifest(world) -> Manifest:
    return read_release(world.release()).manifest


def signed(world, change) -> bytes:
    """Envelope over a manifest statement that ``change`` edited, signed by the releaser."""
    envelope = dsse.Envelope.from_json((world.release() / "release.dsse.json").read_bytes())
    statement = json.loads(envelope.payload)
    change(statement)
    return dsse.sign(PAYLOAD_TYPE, canonical_json(statement), world.keys[Role.RELEASER]).to_json()


def test_what_was_signed_is_read_back(world, manifest: Manifest) -> None:
    assert Manifest.claimed(manifest.sign(world.keys[Role.RELEASER])) == manifest
    assert json.loads(manifest.to_json())["model"] == str(world.candidate.model)
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


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["predicate"].update(schema_version=2),
        lambda s: s["predicate"].update(model="sha256:" + "0" * 64),
        lambda s: s["predicate"].update(model="md5:0"),
        lambda s: s["predicate"].update(at="yesterday"),
        lambda s: s["predicate"].update(extra=1),
        lambda s: s["predicate"]["files"].clear(),
        lambda s: s["predicate"]["files"]["checkpoint"].update(size=-1),
        lambda s: s["predicate"]["files"].update({"../up": {"digest": "sha256:" + "0" * 64, "size": 1}}),
        lambda s: s.update(predicateType="urn:other"),
        lambda s: s.update(note="unsigned by the format"),
        lambda s: s["subject"].append(s["subject"][0]),
        lambda s: s.pop("predicate"),
    ],
)
def test_a_signed_statement_that_is_no_manifest_is_refused(world, change) -> None:
    with pytest.raises(VerificationError):
        Manifest.claimed(signed(world, change))


def test_another_form_of_the_same_manifest_is_refused(world) -> None:
    envelope = dsse.Envelope.from_json((world.release() / "release.dsse.json").read_bytes())
    spaced = json.dumps(json.loads(envelope.payload)).encode()
    with pytest.raises(VerificationError, match="canonical"):
        Manifest.claimed(dsse.sign(PAYLOAD_TYPE, spaced, world.keys[Role.RELEASER]).to_json())
    with pytest.raises(VerificationError, match="payload type"):
        Manifest.claimed(dsse.sign("text/plain", envelope.payload, world.keys[Role.RELEASER]).to_json())
