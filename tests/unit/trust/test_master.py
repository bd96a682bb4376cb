import json

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.trust import master
from secmlops.trust.master import new_master_file, open_master_file

PLAIN = new_master_file(None)
SEALED = new_master_file("correct horse battery")


def test_a_plain_root_secret_comes_back():
    root = open_master_file(PLAIN, None, "master.key")
    assert len(root) == 32
    assert open_master_file(PLAIN, None, "master.key") == root
    assert open_master_file(new_master_file(None), None, "") != root


def test_a_sealed_root_secret_comes_back_with_its_passphrase_only():
    assert len(open_master_file(SEALED, "correct horse battery", "master.key")) == 32
    with pytest.raises(InputError, match="the passphrase is wrong"):
        open_master_file(SEALED, "wrong horse", "master.key")


def test_a_missing_or_needless_passphrase_is_told():
    with pytest.raises(InputError, match="none was given"):
        open_master_file(SEALED, None, "master.key")
    with pytest.raises(InputError, match="not protected by a passphrase"):
        open_master_file(PLAIN, "correct horse battery", "master.key")
    with pytest.raises(InputError, match="the passphrase is empty"):
        new_master_file("")


def test_a_passphrase_is_the_same_however_its_accents_are_typed():
    composed, decomposed = "caf\u00e9 with milk, please", "cafe\u0301 with milk, please"
    assert open_master_file(new_master_file(composed), decomposed, "")


@pytest.mark.parametrize("data", [PLAIN, SEALED], ids=["plain", "sealed"])
def test_every_flip_and_every_cut_is_damage(data):
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1
        for changed in (bytes(flipped), data[:place]):
            with pytest.raises(VerificationError, match="damaged"):
                open_master_file(changed, "correct horse battery", "master.key")


def rewritten(data, **fields):
    body = json.dumps({**json.loads(data.partition(b"\n")[2]), **fields}).encode()
    return master.hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def test_a_file_rewritten_with_a_fitting_digest_is_refused_all_the_same():
    salt = json.loads(SEALED.partition(b"\n")[2])["salt"]
    with pytest.raises(InputError, match="the passphrase is wrong"):
        open_master_file(rewritten(SEALED, salt=salt[2:4] + salt[2:]), "correct horse battery", "")
    with pytest.raises(VerificationError, match="salt"):
        open_master_file(rewritten(SEALED, salt="AA=="), "correct horse battery", "")
    with pytest.raises(VerificationError, match="1 bytes, not 32"):
        open_master_file(rewritten(PLAIN, secret="AA=="), None, "")
    for other in (rewritten(PLAIN, more=1), rewritten(PLAIN, protection="rot13")):
        with pytest.raises(VerificationError, match="not a master key file"):
            open_master_file(other, None, "")


def test_an_openssl_without_argon2id_is_told(monkeypatch):
    def lacking(**_):
        raise master.UnsupportedAlgorithm("no")

    monkeypatch.setattr(master, "Argon2id", lacking)
    with pytest.raises(InputError, match="no Argon2id"):
        new_master_file("correct horse battery")


def test_the_parameters_are_those_of_rfc_9106(monkeypatch):
    seen = {}

    def recording(**parameters):
        seen.update(parameters)
        return original(**parameters)

    original = master.Argon2id
    monkeypatch.setattr(master, "Argon2id", recording)
    new_master_file("correct horse battery")
    assert (seen["iterations"], seen["lanes"], seen["memory_cost"], len(seen["salt"])) == (3, 4, 65536, 16)


def test_a_short_passphrase_makes_no_keys() -> None:
    with pytest.raises(InputError, match="a passphrase of 14 characters, 15 are the least") as told:
        new_master_file("correct horses")
    assert "correct" not in str(told.value)
