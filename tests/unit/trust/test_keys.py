import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from secmlops.core.errors import InputError, VerificationError
from secmlops.trust.keys import Algorithm, PrivateKey, PublicKey

# RFC 8032, section 7.1, test 1.
RFC8032_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
RFC8032_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
PKCS8_ED25519 = bytes.fromhex("302e020100300506032b657004220420")


@pytest.fixture(params=list(Algorithm))
def key(request):
    return PrivateKey.generate(request.param)


def test_a_signature_holds_for_its_data_only(key):
    signature = key.sign(b"data")
    key.public.verify(signature, b"data")
    with pytest.raises(VerificationError, match="does not hold"):
        key.public.verify(signature, b"datA")


def test_every_flipped_or_cut_signature_is_refused(key):
    signature = key.sign(b"data")
    for place in range(len(signature)):
        flipped = bytearray(signature)
        flipped[place] ^= 1
        for changed in (bytes(flipped), signature[:place], signature + b"\0"):
            with pytest.raises(VerificationError):
                key.public.verify(changed, b"data")


def test_a_signature_of_another_key_is_refused(key):
    other = PrivateKey.generate(key.public.algorithm)
    with pytest.raises(VerificationError):
        key.public.verify(other.sign(b"data"), b"data")


def test_public_keys_survive_pem_and_der(key):
    public = key.public
    assert PublicKey.from_pem(public.pem) == PublicKey.from_pem(public.pem.encode()) == public
    assert PublicKey.from_der(public.der) == public
    assert public.key_id == key.key_id == hashlib.sha256(public.der).hexdigest()
    assert PublicKey.from_der(public.der).key_id == public.key_id
    assert public != PrivateKey.generate(public.algorithm).public


def test_private_keys_survive_pkcs8(key):
    again = PrivateKey.from_pkcs8(key.to_pkcs8())
    assert again.public == key.public
    key.public.verify(again.sign(b"data"), b"data")


def test_the_rfc_8032_key_is_read_and_signs_as_the_rfc_says():
    key = PrivateKey.from_pkcs8(PKCS8_ED25519 + RFC8032_SEED)
    assert key.public.raw_ed25519 == RFC8032_PUBLIC
    assert PublicKey.from_raw_ed25519(RFC8032_PUBLIC) == key.public
    assert key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb88215")


def test_only_ed25519_keys_have_32_raw_bytes():
    with pytest.raises(InputError, match="an Ed25519 key is needed"):
        _ = PrivateKey.generate(Algorithm.ECDSA_P256).public.raw_ed25519
    with pytest.raises(InputError, match="32 bytes, not 31"):
        PublicKey.from_raw_ed25519(b"\0" * 31)


def test_other_algorithms_are_refused():
    weak = rsa.generate_private_key(65537, 1024)
    curve = ec.generate_private_key(ec.SECP256K1())
    for other in (weak, curve):
        pem = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        with pytest.raises(InputError, match="algorithm that is not used"):
            PublicKey.from_pem(pem)
        with pytest.raises(InputError, match="algorithm that is not used"):
            PrivateKey.from_pkcs8(other.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


@pytest.mark.parametrize("data", [b"", b"nothing", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_key_is_refused(data):
    for read in (PublicKey.from_pem, PublicKey.from_der):
        with pytest.raises(InputError, match="not a public key"):
            read(data)
    with pytest.raises(InputError, match="not a private key"):
        PrivateKey.from_pkcs8(data)


def test_a_file_that_is_far_too_long_is_not_parsed():
    with pytest.raises(InputError, match="at most"):
        PublicKey.from_pem(b" " * 20_000)


def test_a_private_key_is_not_printed():
    key = PrivateKey.generate(Algorithm.ED25519)
    assert key.to_pkcs8().hex()[-64:] not in repr(key)
    assert "object at" in repr(key)


def test_one_point_has_one_key_id_however_it_is_encoded():
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    plain = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    compressed = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    head = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    assert PublicKey.from_der(head + compressed).key_id == PublicKey.from_der(plain).key_id
