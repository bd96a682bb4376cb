"""TLS for the gateway: the user's certificate, or one made here for this machine (self-signed, X.509 v3, RFC 5280)."""

import ipaddress
import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from secmlops.core.errors import InputError

LIFETIME = timedelta(days=90)
RENEW_BEFORE = timedelta(days=7)


def self_made(folder: Path, host: str, now: datetime) -> tuple[Path, Path]:
    """Certificate and key files in ``folder`` for ``host`` and loopback; made anew when missing or soon to expire."""
    certificate, key = folder / "certificate.pem", folder / "certificate.key"
    if not _usable(certificate, key, host, now):
        folder.mkdir(mode=0o700, exist_ok=True)
        private = ec.generate_private_key(ec.SECP256R1())
        _write(
            key,
            private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
        _write(certificate, _certificate(private, host, now).public_bytes(serialization.Encoding.PEM))
    return certificate, key


def given(pair: str) -> tuple[Path, Path]:
    """Files of ``CERT:KEY``; raises InputError when one of them is not there."""
    certificate, separator, key = pair.partition(":")
    if not separator:
        raise InputError(f"{pair!r} does not name a certificate and its key", hint="--tls CERT:KEY, or --tls auto")
    for path in (Path(certificate), Path(key)):
        if not path.is_file():
            raise InputError("there is no such file", where=str(path))
    return Path(certificate), Path(key)


def _certificate(private: ec.EllipticCurvePrivateKey, host: str, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secmlops gateway")])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=False,
        crl_sign=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )


def _names(host: str) -> list[x509.GeneralName]:
    names: dict[str, x509.GeneralName] = {}
    for name in ("localhost", "127.0.0.1", "::1", host):
        try:
            names[name] = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            names[name] = x509.DNSName(name)
    return list(names.values())


def _usable(certificate: Path, key: Path, host: str, now: datetime) -> bool:
    if not certificate.is_file() or not key.is_file():
        return False
    try:
        held = x509.load_pem_x509_certificate(certificate.read_bytes())
    except ValueError:
        return False
    names = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return now + RENEW_BEFORE < held.not_valid_after_utc and set(_names(host)) <= set(names)


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        os.fsync(file.fileno())
    fresh.replace(path)
