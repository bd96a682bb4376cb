"""Attacks by someone who can write the key folder, or puts signed things in another's place."""

import dataclasses
import json
import shutil
import subprocess
import sys
import textwrap
from datetime import UTC, datetime

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.trust import dsse
from secmlops.trust.attestation import attest, read_attestation
from secmlops.trust.key_index import KeyIndex
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.local import LocalKeys
from secmlops.trust.roles import KeyRing, Role

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path):
    return LocalKeys.create(tmp_path / "keys", lambda: NOW)


def evidence(control="data.pii"):
    subject = Subject(SubjectKind.DATASET, "credit", Digest.of(b"rows"))
    return Evidence(ControlRef(control, "1", Digest.of(b"")), Stage.DATA, subject, Outcome.PASSED, NOW)


def test_a_key_added_to_the_index_by_hand_is_noticed(keys, tmp_path):
    index = tmp_path / "keys" / "index"
    mac, _, body = index.read_bytes().partition(b"\n")
    read = json.loads(body)
    ring = KeyRing.from_json(json.dumps(read["ring"]).encode())
    bad = ring.with_key(PrivateKey.generate(Algorithm.ED25519).public, Role.VALIDATOR, NOW)
    forged = json.dumps({**read, "ring": json.loads(bad.to_json())}).encode()
    for data in (mac + b"\n" + forged, forged, KeyIndex(bad, keys._store.index().key_encryption).to_bytes(b"\0" * 32)):
        index.write_bytes(data)
        with pytest.raises(VerificationError, match="was changed"):
            LocalKeys(tmp_path / "keys")
        with pytest.raises(VerificationError, match="was changed"):
            keys.ring()


def test_a_revocation_taken_back_by_hand_is_noticed(keys, tmp_path):
    keys.revoke(keys.signer(Role.ENGINEER).key_id)
    index = tmp_path / "keys" / "index"
    index.write_bytes(index.read_bytes().replace(b'"revoked":true', b'"revoked":false'))
    with pytest.raises(VerificationError, match="was changed"):
        keys.ring()


def test_the_index_of_another_folder_is_refused(keys, tmp_path):
    LocalKeys.create(tmp_path / "evil", lambda: NOW)
    shutil.copy(tmp_path / "evil" / "index", tmp_path / "keys" / "index")
    with pytest.raises(VerificationError, match="was changed"):
        LocalKeys(tmp_path / "keys")


def test_another_master_key_does_not_open_the_folder(keys, tmp_path):
    LocalKeys.create(tmp_path / "evil", lambda: NOW)
    shutil.copy(tmp_path / "evil" / "master.key", tmp_path / "keys" / "master.key")
    with pytest.raises(VerificationError, match="was changed"):
        LocalKeys(tmp_path / "keys")


def test_key_files_put_in_each_others_place_are_refused(keys, tmp_path):
    engineer, validator = (tmp_path / "keys" / f"{keys.signer(r).key_id}.key" for r in (Role.ENGINEER, Role.VALIDATOR))
    shutil.copy(engineer, validator)
    with pytest.raises(VerificationError, match="another use or place"):
        LocalKeys(tmp_path / "keys").signer(Role.VALIDATOR)


def test_a_changed_key_file_is_refused(keys, tmp_path):
    path = tmp_path / "keys" / f"{keys.signer(Role.LOG).key_id}.key"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(VerificationError) as told:
        LocalKeys(tmp_path / "keys").signer(Role.LOG)
    assert str(path) in str(told.value)


@pytest.mark.parametrize("name", ["master.key", "index", "lock"])
def test_a_file_made_readable_or_linked_is_refused(keys, tmp_path, name):
    path = tmp_path / "keys" / name
    path.chmod(0o644)
    with pytest.raises(InputError, match="other users can"):
        LocalKeys(tmp_path / "keys").rotate(Role.LOG, NOW)
    path.chmod(0o600)
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    with pytest.raises(InputError, match="a link"):
        LocalKeys(tmp_path / "keys").rotate(Role.LOG, NOW)


def test_evidence_signed_in_one_role_is_not_evidence_of_another(keys):
    ring = keys.ring()
    for role in Role:
        expected = {"validator"} if role is Role.VALIDATOR else frozenset()
        data = attest(evidence("assurance.evasion"), keys.signer(role))
        assert read_attestation(data, ring).roles == expected


def test_a_payload_under_another_type_does_not_verify(keys):
    signer = keys.signer(Role.ENGINEER)
    envelope = dsse.Envelope.from_json(attest(evidence(), signer))
    other = dataclasses.replace(envelope, payload_type="application/x-other")
    with pytest.raises(VerificationError):
        dsse.verify(other, [signer.public])
    with pytest.raises(VerificationError):
        read_attestation(dsse.sign("application/x-other", envelope.payload, signer).to_json(), keys.ring())


def test_type_and_payload_cannot_be_shifted_into_each_other():
    signer = PrivateKey.generate(Algorithm.ED25519)
    signed = dsse.sign("a", b"bc", signer)
    for kind, payload in (("ab", b"c"), ("a 2", b"bc"), ("a", b"c"), ("", b"abc")):
        with pytest.raises(VerificationError):
            dsse.verify(dataclasses.replace(signed, payload_type=kind, payload=payload), [signer.public])


def test_every_changed_byte_of_an_attestation_is_refused(keys):
    data = attest(evidence(), keys.signer(Role.ENGINEER))
    ring = KeyRing(tuple(e for e in keys.ring().entries if e.role is Role.ENGINEER))
    for place in range(0, len(data), 7):
        flipped = bytearray(data)
        flipped[place] ^= 1
        for changed in (bytes(flipped), data[:place]):
            with pytest.raises(VerificationError):
                read_attestation(changed, ring)


def test_a_signature_moved_to_other_evidence_is_refused(keys):
    signer = keys.signer(Role.ENGINEER)
    good, bad = (dsse.Envelope.from_json(attest(evidence(c), signer)) for c in ("data.pii", "data.quality"))
    moved = dataclasses.replace(bad, signatures=good.signatures)
    with pytest.raises(VerificationError):
        read_attestation(moved.to_json(), keys.ring())


KILLED_AT_EVERY_STEP = """
    import os, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from secmlops.trust.local import LocalKeys
    from secmlops.trust.roles import Role

    NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)

    def killed_at(step, work):
        child = os.fork()
        if child == 0:
            count = 0
            def dying(call):
                def called(*args, **kwargs):
                    nonlocal count
                    count += 1
                    if count == step:
                        os.kill(os.getpid(), 9)
                    return call(*args, **kwargs)
                return called
            os.fsync, os.rename, os.unlink = dying(os.fsync), dying(os.rename), dying(os.unlink)
            work()
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9

    root = Path(sys.argv[1])
    step = kills = 0
    while True:
        step += 1
        folder = root / str(step)
        killed = killed_at(step, lambda: LocalKeys.create(folder, lambda: NOW))
        keys = LocalKeys.create(folder, lambda: NOW)
        assert [keys.signer(r).key_id for r in Role] == [keys.ring().current(r).key_id for r in Role]
        if not killed:
            break
        kills += 1
    step = 0
    while True:
        step += 1
        before = keys.signer(Role.LOG).key_id
        killed = killed_at(step, lambda: keys.rotate(Role.LOG, NOW))
        assert LocalKeys(folder).signer(Role.LOG).key_id == keys.ring().current(Role.LOG).key_id
        if not killed:
            assert keys.signer(Role.LOG).key_id != before
            break
        kills += 1
    print(kills)
"""


def test_a_process_killed_at_any_step_leaves_keys_that_work(tmp_path):
    script = textwrap.dedent(KILLED_AT_EVERY_STEP)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20


def test_two_processes_at_once_make_one_set_of_keys(tmp_path):
    script = textwrap.dedent("""
        import sys
        from datetime import UTC, datetime
        from pathlib import Path
        from secmlops.trust.local import LocalKeys
        keys = LocalKeys.create(Path(sys.argv[1]), lambda: datetime(2025, 3, 1, tzinfo=UTC))
        print(sorted(e.key.key_id for e in keys.ring().entries))
    """)
    command = [sys.executable, "-c", script, str(tmp_path / "keys")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = {process.communicate(timeout=60)[0] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(told) == 1
