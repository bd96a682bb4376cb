"""Client certificates: read from PEM, and known by the SHA-256 of their DER form."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from secmlops.access.changes import Certificate
from secmlops.core.errors import InputError

MAX_BYTES = 16 * 1024


def read_certificate(pem: bytes, name: str, at: datetime) -> Certificate:
    """Certificate that is to stand for the user ``name``, with version 1 until it is on record.

    Raises InputError for anything but one PEM certificate, and for one whose time is over. Its issuer is not looked at:
    what counts is this very certificate, whose key is proven in the TLS handshake.
    """
    if len(pem) > MAX_BYTES:
        raise InputError(f"a certificate of more than {MAX_BYTES} bytes")
    try:
        found = x509.load_pem_x509_certificates(pem)
        (certificate,) = found
        expires = certificate.not_valid_after_utc
    except ValueError:
        raise InputError("not one certificate in PEM", hint="give a file with one BEGIN CERTIFICATE") from None
    if expires <= at:
        raise InputError("the certificate is no longer valid", hint=f"it ended on {expires:%Y-%m-%d}")
    return Certificate(
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        name=name,
        pem=certificate.public_bytes(Encoding.PEM).decode("ascii"),
        expires=expires,
        version=1,
        at=at,
    )
