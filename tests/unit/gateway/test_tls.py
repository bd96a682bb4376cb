"""TLS: a certificate that fits, a key that nobody else reads, and every unfit pair told in words."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from secmlops.core.errors import InputError
from secmlops.gateway.tls import CERTIFICATE_FILE, KEY_FILE, LIFETIME, Pair, given, self_made

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def certificate(pair):
    return x509.load_pem_x509_certificate(pair.certificate.read_bytes())


def names(pair):
    found = certificate(pair).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(found.get_values_for_type(x509.DNSName)), set(found.get_values_for_type(x509.IPAddress))


@pytest.fixture
def pair(tmp_path):
    return self_made(tmp_path / "tls", "127.0.0.1", NOW)


def test_a_certificate_is_made_for_the_host_and_loopback(tmp_path):
    dns, ips = names(self_made(tmp_path / "tls", "gateway.example.org", NOW))
    assert dns == {"localhost", "gateway.example.org"}
    assert ips == {ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")}


def test_nobody_else_can_read_the_key(pair):
    assert pair.key.stat().st_mode & 0o777 == 0o600
    assert pair.key.parent.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in pair.key.parent.iterdir()) == [KEY_FILE, CERTIFICATE_FILE, "lock"]


def test_the_pair_serves_tls_12_or_newer(pair):
    context = pair.context(NOW)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.protocol is ssl.PROTOCOL_TLS_SERVER


def test_the_same_pair_is_used_again_until_it_is_about_to_expire(pair):
    folder, first = pair.key.parent, certificate(pair)
    assert certificate(self_made(folder, "127.0.0.1", NOW + timedelta(days=82))) == first
    renewed = certificate(self_made(folder, "127.0.0.1", NOW + timedelta(days=84)))
    assert renewed.not_valid_after_utc == NOW + timedelta(days=84) + LIFETIME


def test_a_clock_that_was_set_back_makes_a_new_pair(pair):
    first = certificate(pair)
    assert certificate(self_made(pair.key.parent, "127.0.0.1", NOW - timedelta(days=1))) != first


def test_another_host_makes_a_new_pair(pair):
    first = certificate(pair)
    again = self_made(pair.key.parent, "gateway.example.org", NOW)
    assert certificate(again) != first
    again.context(NOW)


@pytest.mark.parametrize("file", [CERTIFICATE_FILE, KEY_FILE])
@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff" * 100])
def test_a_damaged_pair_is_made_anew(pair, file, content):
    (pair.key.parent / file).write_bytes(content)
    self_made(pair.key.parent, "127.0.0.1", NOW).context(NOW)


def test_a_pair_torn_by_a_crash_is_made_anew(pair, tmp_path):
    other = self_made(tmp_path / "other", "127.0.0.1", NOW)
    pair.key.write_bytes(other.key.read_bytes())
    self_made(pair.key.parent, "127.0.0.1", NOW).context(NOW)


def test_a_certificate_without_names_is_made_anew(pair):
    key = ec.generate_private_key(ec.SECP256R1())
    bare = x509.Name([])
    builder = x509.CertificateBuilder().subject_name(bare).issuer_name(bare).public_key(key.public_key())
    made = builder.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + LIFETIME).sign(key, hashes.SHA256())
    pair.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pair.key.write_bytes(pem(key))
    assert names(self_made(pair.key.parent, "127.0.0.1", NOW))[0] == {"localhost"}


def pem(key, secret=None):
    protection = serialization.BestAvailableEncryption(secret) if secret else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def test_a_key_that_others_can_read_is_refused(pair):
    pair.key.chmod(0o644)
    with pytest.raises(InputError, match="other users"):
        self_made(pair.key.parent, "127.0.0.1", NOW)


def test_a_link_in_place_of_the_key_is_refused(pair, tmp_path):
    pair.key.unlink()
    (tmp_path / "elsewhere").write_bytes(b"")
    pair.key.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="link"):
        self_made(pair.key.parent, "127.0.0.1", NOW)


@pytest.mark.parametrize("host", ["gäteway.example", "ünï"])
def test_a_host_that_no_certificate_can_name_is_told(tmp_path, host):
    with pytest.raises(InputError, match="no name for a certificate"):
        self_made(tmp_path / "tls", host, NOW)


def test_the_users_own_pair_is_taken(pair):
    mine = given(f"{pair.certificate}:{pair.key}")
    assert mine == pair
    mine.context(NOW)


@pytest.mark.parametrize("text", ["", "cert.pem", ":", "cert.pem:", ":key.pem", "manual"])
def test_two_files_must_be_named(text):
    with pytest.raises(InputError, match="does not name"):
        given(text)


def unfit(kind, pair, tmp_path):
    """Spoil the pair and return what must be told."""
    other = self_made(tmp_path / "other", "127.0.0.1", NOW)
    spoilt = {
        "the key of another certificate": lambda: (Pair(pair.certificate, other.key), "not the key"),
        "no such certificate": lambda: (Pair(tmp_path / "none.pem", pair.key), "none.pem: cannot be read"),
        "no such key": lambda: (Pair(pair.certificate, tmp_path / "none.key"), "none.key: cannot be read"),
        "a folder": lambda: (Pair(tmp_path, pair.key), "cannot be read"),
        "swapped": lambda: (Pair(pair.key, pair.certificate), "not a certificate"),
        "nonsense for a certificate": lambda: (pair, pair.certificate.write_bytes(b"x") and "not a certificate"),
        "nonsense for a key": lambda: (pair, pair.key.write_bytes(b"x") and "not the key"),
        "an encrypted key": lambda: (
            pair,
            pair.key.write_bytes(pem(ec.generate_private_key(ec.SECP256R1()), b"secret")) and "passphrase",
        ),
        "a key of another kind": lambda: (
            pair,
            pair.key.write_bytes(pem(ed25519.Ed25519PrivateKey.generate())) and "not the key",
        ),
        "a key for everyone": lambda: (pair, pair.key.chmod(0o604) or "everyone"),
    }
    return spoilt[kind]()


@pytest.mark.parametrize(
    "kind",
    [
        "the key of another certificate", "no such certificate", "no such key", "a folder", "swapped",
        "nonsense for a certificate", "nonsense for a key", "an encrypted key", "a key of another kind",
        "a key for everyone",
    ],
)  # fmt: skip
def test_an_unfit_pair_is_told_and_never_asks_on_the_terminal(kind, pair, tmp_path):
    spoilt, told = unfit(kind, pair, tmp_path)
    with pytest.raises(InputError, match=told):
        spoilt.context(NOW)


def test_a_certificate_outside_its_time_is_refused(pair):
    with pytest.raises(InputError, match="expired on 2026-05-30"):
        pair.context(NOW + LIFETIME)
    with pytest.raises(InputError, match="valid only from"):
        pair.context(NOW - timedelta(days=1))
