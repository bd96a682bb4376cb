"""TLS for the gateway: the user's certificate, or one made here for this machine (self-signed, X.509 v3, RFC 5280)."""

import ipaddress
import ssl
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from secmlops.core.errors import InputError
from secmlops.trust.private_files import PrivateFolder

LIFETIME = timedelta(days=90)
RENEW_BEFORE = timedelta(days=7)
CERTIFICATE_FILE, KEY_FILE = "certificate.pem", "certificate.key"
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.ExtensionNotFound)


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of a certificate (PEM, with its chain) and of its private key (PEM, not encrypted)."""

    certificate: Path
    key: Path

    def context(self, now: datetime, client_ca: Path | None = None) -> ssl.SSLContext:
        """Server side of TLS 1.2 or newer with this pair, read now and never again.

        Raises InputError when a file is missing or damaged, the key belongs to another certificate, is encrypted or
        open to everyone, or the certificate is not valid at ``now``.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        self._check_certificate(now)
        self._check_key()
        try:
            context.load_cert_chain(self.certificate, self.key, password=lambda: "")  # never asked for on a terminal
        except ssl.SSLError:
            hint = "both files are PEM, the key without a passphrase"
            raise InputError("not the key of the certificate", where=str(self.key), hint=hint) from None
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(self.key)) from None
        if client_ca is not None:
            _ask_for_certificates(context, client_ca)
        return context

    def _check_certificate(self, now: datetime) -> None:
        where = str(self.certificate)
        try:
            held = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=where) from None
        except ValueError:
            raise InputError("not a certificate", where=where, hint="PEM begins with -----BEGIN CERT...") from None
        if now < held.not_valid_before_utc:
            raise InputError(f"valid only from {held.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on", where=where)
        if held.not_valid_after_utc <= now:
            raise InputError(f"expired on {held.not_valid_after_utc:%Y-%m-%d %H:%M} UTC", where=where)

    def _check_key(self) -> None:
        where = str(self.key)
        try:
            mode = self.key.stat().st_mode
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=where) from None
        if mode & stat.S_IRWXO:
            raise InputError("everyone on this machine can use the key", where=where, hint=f"chmod o-rwx {where}")


def _ask_for_certificates(context: ssl.SSLContext, authorities: Path) -> None:
    """Have clients show a certificate of one of these authorities, if they have one; a wrong one ends the handshake."""
    try:
        context.load_verify_locations(authorities)
    except OSError as error:  # ssl.SSLError is one
        reason = "no certificates (PEM)" if isinstance(error, ssl.SSLError) else f"cannot be read: {error.strerror}"
        raise InputError(reason, where=str(authorities), hint="--client-ca names a file of certificates") from None
    context.verify_mode = ssl.CERT_OPTIONAL


def given(pair: str) -> Pair:
    """Files of ``CERT:KEY``; raises InputError when two are not named."""
    certificate, _, key = pair.partition(":")
    if not certificate or not key:
        raise InputError(f"{pair[:80]!r} does not name a certificate and its key", hint="--tls CERT:KEY, or auto")
    return Pair(Path(certificate), Path(key))


def self_made(folder: Path, host: str, now: datetime) -> Pair:
    """Certificate and key in ``folder`` for ``host`` and loopback; made anew when missing, unfit or soon to expire.

    The folder has mode 0700, the files 0600. Raises InputError when they have another mode or owner, or ``host`` is no
    name that a certificate can hold.
    """
    names = _names(host)
    private = PrivateFolder(folder)
    private.make()
    with private.locked():
        certificate, key = private.read(CERTIFICATE_FILE), private.read(KEY_FILE)
        if certificate is None or key is None or not _fit(certificate, key, names, now):
            fresh = ec.generate_private_key(ec.SECP256R1())
            private.write(KEY_FILE, _key_pem(fresh))
            made = _certificate(fresh, names, now)
            private.write(CERTIFICATE_FILE, made.public_bytes(serialization.Encoding.PEM))
    return Pair(folder / CERTIFICATE_FILE, folder / KEY_FILE)


def _fit(certificate: bytes, key: bytes, names: list[x509.GeneralName], now: datetime) -> bool:
    """Whether the two belong together, and are good for these names and for a while."""
    try:
        held = x509.load_pem_x509_certificate(certificate)
        private = serialization.load_pem_private_key(key, None)
        named = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except _UNREADABLE:
        return False
    together = held.public_key() == private.public_key()
    in_time = held.not_valid_before_utc <= now and now + RENEW_BEFORE < held.not_valid_after_utc
    return together and in_time and set(names) <= set(named)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _certificate(private: ec.EllipticCurvePrivateKey, names: list[x509.GeneralName], now: datetime) -> x509.Certificate:
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
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )


def _names(host: str) -> list[x509.GeneralName]:
    return list({name: _name(name) for name in ("localhost", "127.0.0.1", "::1", host)}.values())


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError:
        raise InputError(f"{host[:80]!r} is no name for a certificate", hint="a host name in ASCII") from None
