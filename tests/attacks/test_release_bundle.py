"""Ways to pass off one release for another, each tried on a release that verifies as it stands."""

import json
import runpy
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, SecmlopsError, VerificationError
from secmlops.core.evidence import Outcome
from secmlops.core.subject import Subject, SubjectKind
from secmlops.release.bundle import read_release, write_release
from secmlops.release.verify import verify_release
from secmlops.trust import dsse
from secmlops.trust.canonical import canonical_json
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.model_signing import sign_model
from secmlops.trust.roles import KeyRing, RingKey, Role
from secmlops.trust.statement import PAYLOAD_TYPE

KIT = runpy.run_path(str(Path(__file__).parents[1] / "kits" / "release_world.py"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Any]:
    made = KIT["World"](tmp_path)
    made.history()
    yield made
    made.ledger.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Any]:
    """Release of another model in another ledger of the same project, by the same keys."""
    (tmp_path / "other").mkdir()
    made = KIT["World"](tmp_path / "other", b"another model")
    made.history()
    yield made
    made.ledger.close()


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Any]:
    """Release of a model with a guard."""
    (tmp_path / "guarded").mkdir()
    made = KIT["World"](tmp_path / "guarded", optional={"guard.bin": b"the guard"})
    made.history()
    yield made
    made.ledger.close()


def failed(world: Any, path: Path, opened: Any = None) -> set[str]:
    checks = verify_release(read_release(path), world.ring, opened=opened or world.opened)
    return {c.name for c in checks if not c.ok}


def resigned(world: Any, path: Path, key: PrivateKey, **files: bytes) -> Path:
    """Put other bytes into the release and write a manifest that fits them, signed with ``key``."""
    envelope = dsse.Envelope.from_json((path / "release.dsse.json").read_bytes())
    statement = json.loads(envelope.payload)
    for name, data in files.items():
        file = next(p for p in path.iterdir() if p.name.replace(".", "_") == name)
        file.write_bytes(data)
        statement["predicate"]["files"][file.name] = {"digest": str(Digest.of(data)), "size": len(data)}
    (path / "release.json").write_bytes(canonical_json(statement["predicate"]))
    signed = dsse.sign(PAYLOAD_TYPE, canonical_json(statement), key)
    (path / "release.dsse.json").write_bytes(signed.to_json())
    return path


def releaser(world: Any) -> PrivateKey:
    return world.keys[Role.RELEASER]


def test_the_release_verifies_before_anyone_touches_it(world) -> None:
    assert failed(world, world.release()) == set()


def test_changed_file(world) -> None:
    path = world.release()
    for file in sorted(path.iterdir()):
        data = file.read_bytes()
        for changed in (data[:-1], data + b"\n", bytes([data[0] ^ 1]) + data[1:], b""):
            file.write_bytes(changed)
            with pytest.raises(VerificationError):
                read_release(path)
        file.write_bytes(data)
    assert failed(world, path) == set()


def test_removed_file(world) -> None:
    whole = world.release()
    for file in sorted(whole.iterdir()):
        path = shutil.copytree(whole, world.folder / f"without-{file.name}")
        (path / file.name).unlink()
        with pytest.raises(VerificationError):
            read_release(path)


def test_added_file(world) -> None:
    path = world.release()
    (path / "model.pkl").write_bytes(b"cos\nsystem\n")
    with pytest.raises(VerificationError, match="not in the manifest"):
        read_release(path)


def test_added_folder(world) -> None:
    path = world.release()
    (path / "more").mkdir()
    with pytest.raises(VerificationError, match="not in the manifest"):
        read_release(path)


def test_very_many_files(world) -> None:
    path = world.release()
    for i in range(80):
        (path / f"x{i}").touch()
    with pytest.raises(VerificationError, match="more than 66 files"):
        read_release(path)


def test_symlinked_file(world) -> None:
    path = world.release()
    for file in sorted(path.iterdir()):
        kept = world.folder / file.name
        shutil.copy(file, kept)
        file.unlink()
        file.symlink_to(kept)
        with pytest.raises(VerificationError, match="cannot be read"):
            read_release(path)
        file.unlink()
        shutil.copy(kept, file)
    assert failed(world, path) == set()


def test_symlinked_release(world) -> None:
    path = world.release()
    link = path.with_name("credit-latest")
    link.symlink_to(path)
    with pytest.raises(InputError):
        read_release(link)


def test_file_grown_beyond_its_size(world) -> None:
    path = world.release()
    with (path / "model.onnx.c2sp").open("ab") as file:
        file.truncate(1 << 32)
    with pytest.raises(VerificationError, match="more than 6 bytes"):
        read_release(path)


def test_swapped_model_behind_an_honest_manifest(world) -> None:
    opened = {**world.opened, "model.onnx": b"another model"}
    assert failed(world, world.release(), opened) == {"model bytes"}


def test_swapped_model_signature_file(world) -> None:
    opened = {**world.opened, "signature.json": b"{}"}
    assert failed(world, world.release(), opened) == {"model bytes"}


def test_file_more_among_the_opened_ones(world) -> None:
    opened = {**world.opened, "preprocess.py": b"import os"}
    assert failed(world, world.release(), opened) == {"model bytes"}


def test_swapped_model_in_a_manifest_that_the_releaser_signs(world, other) -> None:
    """Even a releaser cannot put another model under evidence, verdict and signature of this one."""
    path = world.release(model=other.candidate.model, signature=Digest.of(other.candidate.files["signature.json"]))
    assert failed(world, path, other.opened) == {
        "model signature", "model bytes", "verdict", "provenance", "bill of materials",
    }  # fmt: skip


def test_swapped_evidence_between_releases(world, other) -> None:
    path, theirs = world.release(), other.release()
    for name in ("evidence.jsonl", "proofs.jsonl", "checkpoint"):
        shutil.copy(theirs / name, path / name)
    with pytest.raises(VerificationError, match="not the one of the manifest"):
        read_release(path)


def test_swapped_evidence_between_releases_that_the_releaser_signs(world, other) -> None:
    theirs = other.parts()
    path = world.release(
        evidence=theirs.evidence, receipts=theirs.receipts, checkpoint=theirs.checkpoint, verdict=theirs.verdict
    )
    assert "verdict" in failed(world, path)


def test_swapped_manifest_between_releases(world, other) -> None:
    path, theirs = world.release(), other.release()
    for name in ("release.json", "release.dsse.json"):
        shutil.copy(theirs / name, path / name)
    with pytest.raises(VerificationError, match="not the one of the manifest"):
        read_release(path)


def test_changed_manifest_beside_its_envelope(world) -> None:
    path = world.release()
    manifest = json.loads((path / "release.json").read_bytes())
    manifest["version"] = "9.9.9"
    (path / "release.json").write_bytes(canonical_json(manifest))
    with pytest.raises(VerificationError, match="not the one that was signed"):
        read_release(path)


def test_changed_manifest_in_its_envelope(world) -> None:
    path = world.release()
    envelope = json.loads((path / "release.dsse.json").read_bytes())
    statement = json.loads(dsse.decode_base64(envelope["payload"]))
    statement["predicate"]["version"] = "9.9.9"
    envelope["payload"] = dsse.encode_base64(canonical_json(statement))
    (path / "release.dsse.json").write_bytes(canonical_json(envelope))
    (path / "release.json").write_bytes(canonical_json(statement["predicate"]))
    assert failed(world, path) == {"manifest signature"}


def test_manifest_signed_with_an_unknown_key(world) -> None:
    path = resigned(world, world.release(), PrivateKey.generate(Algorithm.ED25519))
    assert failed(world, path) == {"manifest signature"}


def test_manifest_signed_with_an_unknown_key_that_the_enclosed_ring_vouches_for(world) -> None:
    mallory = PrivateKey.generate(Algorithm.ED25519)
    ring = world.ring.with_key(mallory.public, Role.RELEASER, world.ring.entries[0].since)
    path = resigned(world, world.release(), mallory, trust_json=ring.to_json())
    assert failed(world, path) == {"manifest signature"}


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.VALIDATOR, Role.GATEWAY, Role.LOG, Role.MODEL])
def test_manifest_signed_in_another_role(world, role: Role) -> None:
    path = write_release(world.folder / "releases", world.parts(), world.keys[role])
    assert failed(world, path) == {"manifest signature"}


@pytest.mark.parametrize("revoked", [True, False])
def test_manifest_signed_with_a_withdrawn_key(world, revoked: bool) -> None:
    entries = [
        RingKey(e.key, e.role, e.since, e.since + timedelta(minutes=1), revoked) if e.role is Role.RELEASER else e
        for e in world.ring.entries
    ]
    checks = verify_release(read_release(world.release()), KeyRing(tuple(entries)), opened=world.opened)
    assert {"manifest signature", "verdict", "provenance"} <= {c.name for c in checks if not c.ok}


@pytest.mark.parametrize(
    ("control", "role"),
    [("assurance.performance", Role.ENGINEER), ("training.fit", Role.VALIDATOR), ("data.quality", Role.LOG)],
)
def test_evidence_by_a_wrong_role(world, control: str, role: Role) -> None:
    world.evidence(control, role)
    world.verdict()
    assert failed(world, world.release()) == {"evidence"}


def test_verdict_by_a_wrong_role(world) -> None:
    materials = {"model": world.candidate.model, "train": Digest.of(b"train")}
    world.evidence("gate.release", Role.ENGINEER, materials=materials)
    assert failed(world, world.release()) == {"evidence", "verdict"}


def test_evidence_about_something_else(world) -> None:
    elsewhere = Subject(SubjectKind.MODEL, "credit", Digest.of(b"a better model"))
    world.evidence("assurance.robustness", Role.VALIDATOR, subject=elsewhere)
    world.verdict()
    assert failed(world, world.release()) == {"evidence"}


def test_stale_verdict_bound_to_another_model(world, other) -> None:
    subject = Subject(SubjectKind.MODEL, "credit", other.candidate.model)
    world.verdict(subject=subject, materials={"model": other.candidate.model, "train": Digest.of(b"train")})
    assert "verdict" in failed(world, world.release())


def test_open_verdict_kept_after_the_gate_was_shut_again(world) -> None:
    open_one = world.parts().verdict
    world.verdict(outcome=Outcome.FAILED)
    assert {"evidence", "verdict"} <= failed(world, world.release(verdict=open_one))


def test_verdict_of_another_gate(world) -> None:
    world.evidence("gate.assurance", Role.RELEASER)
    assert {"evidence", "verdict"} <= failed(world, world.release())


def test_evidence_that_never_was_in_the_ledger(world, other) -> None:
    """Signed by the right key and about the right model, but recorded nowhere: there is no receipt for it."""
    twin = KIT["World"](world.folder / "other")
    parts = world.parts()
    twin.evidence("assurance.fairness", Role.VALIDATOR)
    *_, (_, _, ghost) = twin.ledger.entries(0, "evidence")
    twin.ledger.close()
    forged = (*parts.evidence[:-1], ghost, parts.evidence[-1])
    receipts = (*parts.receipts[:-1], parts.receipts[-1], parts.receipts[-1])
    assert failed(world, world.release(evidence=forged, receipts=receipts)) == {"receipts"}


def test_receipts_of_a_ledger_of_the_attackers_own(world) -> None:
    path = world.release()
    entries = [e for e in world.ring.entries if e.role is not Role.LOG]
    stranger = RingKey(PrivateKey.generate(Algorithm.ED25519).public, Role.LOG, world.ring.entries[0].since)
    checks = verify_release(read_release(path), KeyRing((*entries, stranger)), opened=world.opened)
    assert {c.name for c in checks if not c.ok} == {"checkpoint", "receipts"}


def test_swapped_provenance(world, other) -> None:
    assert failed(world, world.release(provenance=other.parts().provenance)) == {"provenance"}


def test_provenance_by_a_wrong_role(world) -> None:
    forged = dsse.sign(PAYLOAD_TYPE, world.statement, world.keys[Role.ENGINEER]).to_json()
    assert failed(world, world.release(provenance=forged)) == {"provenance"}


def test_provenance_rewritten_after_its_evidence(world) -> None:
    rewritten = world.statement.replace(b"urn:secmlops:builder:test", b"urn:secmlops:builder:else")
    forged = dsse.sign(PAYLOAD_TYPE, rewritten, releaser(world)).to_json()
    assert failed(world, world.release(provenance=forged)) == {"provenance"}


def test_swapped_bill_of_materials(world, other) -> None:
    assert failed(world, world.release(bill=other.bill)) == {"bill of materials"}


def test_bill_of_materials_rewritten_after_its_evidence(world) -> None:
    rewritten = world.bill.replace(b"numpy", b"numpi")
    assert rewritten != world.bill
    assert failed(world, world.release(bill=rewritten)) == {"bill of materials"}


def test_swapped_model_signature(world, other) -> None:
    signature = other.parts().model_signature
    assert failed(world, world.release(model_signature=signature)) == {"model signature", "model bytes"}


@pytest.mark.parametrize("part", ["model_signature", "bill", "provenance", "checkpoint"])
def test_garbage_in_a_part_that_the_releaser_signs(world, part: str) -> None:
    """Nothing but a check that does not hold: no other exception, whatever the bytes."""
    for number, data in enumerate((b"", b"{}", b"[" * 100_000, b"\xff\xfe", b"null")):
        assert failed(world, world.release(**{part: data, "version": f"{number}"}))


@pytest.mark.parametrize("name", ["../credit", "..", "/tmp/credit", "credit/../../x"])
def test_release_name_that_leads_out_of_the_folder(world, name: str) -> None:
    before = sorted(world.folder.rglob("*"))
    with pytest.raises(SecmlopsError):
        world.release(name=name)
    assert sorted(world.folder.rglob("*")) == before


def test_sealed_file_name_that_leads_out_of_the_folder(world) -> None:
    before = sorted(world.folder.rglob("*"))
    with pytest.raises(SecmlopsError):
        world.release(sealed={"../evil": b"x"})
    assert sorted(world.folder.rglob("*")) == before


def test_a_guard_left_out_of_the_release_is_noticed(guarded: Any) -> None:
    """The releaser's key alone cannot take away what the validator made."""
    unguarded = {name: data for name, data in guarded.opened.items() if name != "guard.bin"}
    signature = sign_model(unguarded, guarded.keys[Role.MODEL], "credit")
    sealed = {name + ".c2sp": b"sealed" for name in unguarded}
    path = guarded.release(optional={}, sealed=sealed, model_signature=signature)
    assert failed(guarded, path, unguarded) == {"evidence"}


def test_the_guard_of_another_release_is_noticed(guarded: Any) -> None:
    swapped = {**guarded.opened, "guard.bin": b"the guard of another release"}
    assert failed(guarded, guarded.release(), swapped) == {"model bytes"}
    signature = sign_model(swapped, guarded.keys[Role.MODEL], "credit")
    optional = {"guard.bin": Digest.of(swapped["guard.bin"])}
    path = guarded.release(version="2", optional=optional, model_signature=signature)
    assert failed(guarded, path, swapped) == {"evidence"}


def test_a_guard_that_no_evidence_speaks_of_is_noticed(world: Any) -> None:
    added = {**world.opened, "guard.bin": b"never assured"}
    signature = sign_model(added, world.keys[Role.MODEL], "credit")
    optional = {"guard.bin": Digest.of(b"never assured")}
    path = world.release(optional=optional, model_signature=signature)
    assert failed(world, path, added) == {"evidence"}
