"""Client certificates: one, in PEM, valid."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from secmlops.access.certificates import MAX_BYTES, read_certificate
from secmlops.core.errors import InputError

T0 = datetime(2026, 3, 1, tzinfo=UTC)
KEY = ed25519.Ed25519PrivateKey.generate()


def certificate(days=30):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "batch")])
    valid = (
        x509.CertificateBuilder(name, name, KEY.public_key(), x509.random_serial_number())
        .not_valid_before(T0 - timedelta(days=60))
        .not_valid_after(T0 + timedelta(days=days))
    )
    return valid.sign(KEY, None)


def test_a_certificate_is_known_by_the_digest_of_its_der_form():
    given = certificate()
    read = read_certificate(b"a comment\n" + given.public_bytes(Encoding.PEM), "ada", T0)
    assert read.fingerprint == hashlib.sha256(given.public_bytes(Encoding.DER)).hexdigest()
    assert read.pem == given.public_bytes(Encoding.PEM).decode()
    assert (read.name, read.expires, read.version) == ("ada", T0 + timedelta(days=30), 1)


PEM = certificate().public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no certificate", PEM * 2, PEM[:-30], PEM.replace(b"M", b"!"), certificate().public_bytes(Encoding.DER),
        KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), PEM + b" " * MAX_BYTES,
        certificate(days=0).public_bytes(Encoding.PEM), certificate(days=-1).public_bytes(Encoding.PEM),
    ],
)  # fmt: skip
def test_anything_but_one_valid_certificate_is_refused(data):
    with pytest.raises(InputError):
        read_certificate(data, "ada", T0)


def test_the_fingerprint_is_that_of_the_tls_library():
    assert (
        read_certificate(PEM, "ada", T0).fingerprint
        == x509.load_pem_x509_certificate(PEM).fingerprint(hashes.SHA256()).hex()
    )
