import stat
from datetime import timedelta

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.local import LocalKeys
from secmlops.trust.provider import KEY_ENCRYPTION, KeyProvider
from secmlops.trust.roles import Role

DAY = timedelta(days=1)


@pytest.fixture
def keys(tmp_path, now):
    return LocalKeys.create(tmp_path / "keys", lambda: now)


def test_each_role_has_a_key_that_the_ring_knows(keys, now):
    provider: KeyProvider = keys
    ring = provider.ring()
    for role in Role:
        signer = provider.signer(role)
        ring.current(role).verify(signer.sign(b"data"), b"data")
        assert signer.key_id == ring.current(role).key_id
        assert signer.public.algorithm == (Algorithm.ECDSA_P256 if role is Role.MODEL else Algorithm.ED25519)
    assert {e.since for e in ring.entries} == {now}
    assert len(ring.entries) == len(Role)


def test_opened_again_they_are_the_same(keys, tmp_path):
    again = LocalKeys(tmp_path / "keys")
    assert again.ring() == keys.ring()
    assert again.signer(Role.LOG).key_id == keys.signer(Role.LOG).key_id
    assert again.mac_key("names") == keys.mac_key("names")
    assert again.unwrap(keys.wrap(b"data key", b"here"), b"here") == b"data key"


def test_making_them_twice_changes_nothing(keys, tmp_path, now):
    before = {p.name: p.read_bytes() for p in (tmp_path / "keys").iterdir()}
    assert LocalKeys.create(tmp_path / "keys", lambda: now + DAY).ring() == keys.ring()
    assert {p.name: p.read_bytes() for p in (tmp_path / "keys").iterdir()} == before


def test_no_private_key_lies_there_in_the_clear(keys, tmp_path):
    held = b"".join(p.read_bytes() for p in (tmp_path / "keys").iterdir())
    for role in Role:
        secret = keys.signer(role).to_pkcs8()
        assert secret not in held
        assert secret[-32:] not in held


def test_files_are_for_their_owner_only(keys, tmp_path):
    folder = tmp_path / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}


def test_a_passphrase_is_needed_where_one_was_given(tmp_path, now):
    folder = tmp_path / "keys"
    made = LocalKeys.create(folder, lambda: now, "correct horse battery")
    assert LocalKeys(folder, "correct horse battery").ring() == made.ring()
    for passphrase in ("wrong horse", None, ""):
        with pytest.raises(InputError, match="passphrase"):
            LocalKeys(folder, passphrase)
        with pytest.raises(InputError, match="passphrase"):
            LocalKeys.create(folder, lambda: now, passphrase)
    assert made.describe()[0].protection == "passphrase (Argon2id)"


def test_a_folder_without_keys_is_told(tmp_path):
    (tmp_path / "empty").mkdir(mode=0o700)
    for folder in (tmp_path / "none", tmp_path / "empty"):
        with pytest.raises(InputError, match="make the keys first"):
            LocalKeys(folder)


def test_an_unfinished_folder_is_no_folder_of_keys(keys, tmp_path):
    (tmp_path / "keys" / "index").unlink()
    with pytest.raises(InputError, match="there are no keys here"):
        LocalKeys(tmp_path / "keys")
    with pytest.raises(InputError, match="there are no keys here"):
        keys.ring()


def test_a_rotated_role_signs_with_a_new_key(keys, now):
    old = keys.signer(Role.ENGINEER)
    keys.rotate(Role.ENGINEER, now + DAY)
    new = keys.signer(Role.ENGINEER)
    ring = keys.ring()
    assert new.key_id != old.key_id
    assert ring.current(Role.ENGINEER) == new.public
    assert ring.roles_for(old.key_id, "data.pii", now) == {"engineer"}
    assert ring.roles_for(old.key_id, "data.pii", now + DAY) == frozenset()
    assert ring.roles_for(new.key_id, "data.pii", now + DAY) == {"engineer"}
    assert keys.signer(Role.LOG).key_id == ring.current(Role.LOG).key_id


def test_another_process_sees_a_rotation(keys, tmp_path, now):
    other = LocalKeys(tmp_path / "keys")
    before = other.signer(Role.LOG).key_id
    keys.rotate(Role.LOG, now + DAY)
    assert other.signer(Role.LOG).key_id == keys.signer(Role.LOG).key_id != before


def test_a_role_is_not_rotated_in_its_past(keys, now):
    for role in (Role.LOG, None):
        with pytest.raises(InputError, match="before it begins"):
            keys.rotate(role, now - DAY)


def test_a_rotated_key_encryption_key_still_unwraps(keys, now):
    old = keys.wrap(b"data key", b"here")
    keys.rotate(None, now + DAY)
    new = keys.wrap(b"data key", b"here")
    assert old[1:17] != new[1:17]
    assert keys.unwrap(old, b"here") == keys.unwrap(new, b"here") == b"data key"


def test_a_wrapped_key_is_bound_to_its_context_and_place(keys, tmp_path, now):
    wrapped = keys.wrap(b"data key", b"here")
    with pytest.raises(VerificationError):
        keys.unwrap(wrapped, b"there")
    with pytest.raises(VerificationError, match="not kept here"):
        LocalKeys.create(tmp_path / "others", lambda: now).unwrap(wrapped, b"here")


def test_every_flip_and_every_cut_of_a_wrapped_key_is_refused(keys):
    wrapped = keys.wrap(b"data key", b"here")
    for place in range(len(wrapped)):
        flipped = bytearray(wrapped)
        flipped[place] ^= 1
        for changed in (bytes(flipped), wrapped[:place]):
            with pytest.raises(VerificationError):
                keys.unwrap(changed, b"here")


def test_a_lost_key_encryption_key_is_told(keys, tmp_path):
    wrapped = keys.wrap(b"data key", b"here")
    (tmp_path / "keys" / f"{wrapped[1:17].hex()}.key").unlink()
    with pytest.raises(VerificationError, match="is gone"):
        LocalKeys(tmp_path / "keys").unwrap(wrapped, b"here")


def test_mac_keys_differ_by_purpose_and_folder(keys, tmp_path, now):
    others = LocalKeys.create(tmp_path / "others", lambda: now)
    found = {k.mac_key(p) for k in (keys, others) for p in ("names", "api keys", "")}
    assert len(found) == 6
    assert {len(k) for k in found} == {32}


def test_a_revoked_key_no_longer_signs_or_counts(keys, now):
    stolen = keys.signer(Role.ENGINEER)
    keys.revoke(stolen.key_id)
    assert not keys.ring().roles_for(stolen.key_id, "data.pii", now)
    with pytest.raises(InputError, match="no private key for the role engineer"):
        keys.signer(Role.ENGINEER)
    keys.rotate(Role.ENGINEER, now + DAY)
    assert keys.signer(Role.ENGINEER).key_id != stolen.key_id
    with pytest.raises(InputError, match="no key"):
        keys.revoke("00")


def test_a_key_from_elsewhere_is_trusted_and_not_signed_with(keys, now):
    foreign = PrivateKey.generate(Algorithm.ED25519).public
    own = keys.signer(Role.VALIDATOR).key_id
    keys.enrol(foreign, Role.VALIDATOR, now + DAY)
    assert keys.ring().roles_for(foreign.key_id, "assurance.evasion", now + DAY) == {"validator"}
    assert keys.signer(Role.VALIDATOR).key_id == own
    told = next(d for d in keys.describe() if d.key_id == foreign.key_id)
    assert (told.where, told.protection) == ("elsewhere", "not known here")
    with pytest.raises(InputError, match="twice"):
        keys.enrol(foreign, Role.ENGINEER, now)


def test_all_keys_are_described(keys, tmp_path, now):
    keys.rotate(None, now + DAY)
    told = keys.describe()
    assert [d.role for d in told] == [*Role, KEY_ENCRYPTION, KEY_ENCRYPTION]
    assert {d.algorithm for d in told} == {"ed25519", "ecdsa-p256", "aes-256-gcm"}
    assert {d.where for d in told} == {str(tmp_path / "keys" / f"{d.key_id}.key") for d in told}
    assert [d.until for d in told if d.role == KEY_ENCRYPTION] == [now + DAY, None]
    assert {d.protection for d in told} == {"key file"}
