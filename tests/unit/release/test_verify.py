import dataclasses

import pytest

from secmlops.release.bundle import read_release
from secmlops.release.verify import verify_release
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role
from secmlops.trust.statement import PAYLOAD_TYPE

NAMES = (
    "manifest signature", "files", "model signature", "model bytes", "evidence", "verdict", "checkpoint",
    "receipts", "provenance", "bill of materials", "key ring",
)  # fmt: skip


def failed(world, ring=None, **changes) -> set[str]:
    release = read_release(world.release(**changes))
    return {c.name for c in verify_release(release, ring or world.ring, opened=world.opened) if not c.ok}


def test_a_release_as_it_should_be_passes_every_check(world) -> None:
    checks = verify_release(read_release(world.release()), world.ring, opened=world.opened)
    assert tuple(c.name for c in checks) == NAMES
    assert all(c.ok and c.detail for c in checks)


def test_a_release_with_optional_files_passes_every_check(guarded) -> None:
    checks = verify_release(read_release(guarded.release()), guarded.ring, opened=guarded.opened)
    assert tuple(c.name for c in checks) == NAMES
    assert all(c.ok for c in checks)


def test_what_could_not_be_checked_does_not_hold(world) -> None:
    checks = verify_release(read_release(world.release()), world.ring)
    (sealed,) = [c for c in checks if not c.ok]
    assert sealed.name == "model bytes"
    assert sealed.detail.startswith("not checked")


def test_without_trusted_keys_nothing_signed_holds(world) -> None:
    checks = verify_release(read_release(world.release()), KeyRing(), opened=world.opened)
    assert {c.name for c in checks if c.ok} == {"files", "key ring"}
    assert "0 of 6" in checks[-1].detail


def test_another_ledger_than_the_verifier_expects_is_refused(world) -> None:
    checks = verify_release(read_release(world.release()), world.ring, opened=world.opened, origin="elsewhere")
    assert {c.name for c in checks if not c.ok} == {"checkpoint", "receipts"}


@pytest.mark.parametrize("role", [Role.LOG, Role.MODEL, Role.RELEASER])
@pytest.mark.parametrize("newest_first", [True, False])
def test_what_was_signed_before_a_key_was_rotated_still_holds(world, role: Role, newest_first: bool) -> None:
    algorithm = Algorithm.ECDSA_P256 if role is Role.MODEL else Algorithm.ED25519
    newer = world.ring.with_key(PrivateKey.generate(algorithm).public, role, world.ring.entries[0].since)
    entries = newer.entries[::-1] if newest_first else newer.entries
    assert failed(world, KeyRing(entries)) == set()


def test_the_enclosed_ring_must_not_contradict_the_verifiers(world) -> None:
    entries = [dataclasses.replace(e, role=Role.LOG) if e.role is Role.MODEL else e for e in world.ring.entries]
    assert failed(world, ring=world.ring) == set()
    other = {"version": "2", "ring": KeyRing(tuple(entries))}
    release = read_release(world.release(**other))
    assert [c.name for c in verify_release(release, world.ring, opened=world.opened) if not c.ok] == ["key ring"]


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b'{"_type":"x","subject":[],"predicateType":"y"}', b'{"_type":"\xff"}']
)
def test_provenance_must_be_slsa(world, payload: bytes) -> None:
    envelope = dsse.sign(PAYLOAD_TYPE, payload, world.keys[Role.RELEASER]).to_json()
    assert failed(world, provenance=envelope) == {"provenance"}


def test_provenance_of_another_payload_type_is_refused(world) -> None:
    envelope = dsse.sign("text/plain", world.statement, world.keys[Role.RELEASER]).to_json()
    assert failed(world, provenance=envelope) == {"provenance"}


def test_a_manifest_beside_another_envelope_is_refused(world) -> None:
    release = read_release(world.release())
    changed = dataclasses.replace(release, manifest=dataclasses.replace(release.manifest, version="9"))
    checks = verify_release(changed, world.ring, opened=world.opened)
    assert [c.name for c in checks if not c.ok] == ["manifest signature"]
