"""Client certificates over TLS: mapped by their fingerprint, and worth nothing from another authority or unmapped."""

import http.client
import json
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kits.small_project import released_copy
from secmlops.cli.main import _run

SERVE = "import sys; from secmlops.cli.main import main; main(['serve', '--port', '0', *sys.argv[1:]])"


class Authority:
    """An authority that signs client certificates."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        folder.mkdir()
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.file = folder / "ca.pem"
        self.certificate = self._signed(name, self.key, ca=True)
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def client(self, name: str) -> tuple[Path, Path]:
        """Files of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate, secret = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(self._signed(name, key).public_bytes(serialization.Encoding.PEM))
        plain = serialization.NoEncryption()
        secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
        return certificate, secret

    def _signed(self, name: str, key: ec.EllipticCurvePrivateKey, ca: bool = False) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )


@dataclass(frozen=True)
class Running:
    """A gateway in a process of its own, its project, and the authorities."""

    port: int
    project: Path
    ours: Authority
    theirs: Authority
    process: subprocess.Popen[str]

    def get(self, path: str, pair: tuple[Path, Path] | None, key: str | None = None) -> tuple[int, bytes]:
        context = ssl.create_default_context(cafile=str(self.project / ".secmlops" / "tls" / "certificate.pem"))
        if pair:
            context.load_cert_chain(*pair)
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=60, context=context)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def within_a_second(self, path: str, pair: tuple[Path, Path], status: int) -> None:
        deadline = time.monotonic() + 3  # a second, and a slow machine
        while (found := self.get(path, pair)[0]) != status:
            assert time.monotonic() < deadline, found
            time.sleep(0.05)


def told(project: Path, capsys: pytest.CaptureFixture[str], *arguments: object) -> dict:
    capsys.readouterr()
    code = _run([str(one) for one in arguments] + ["-C", str(project), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert code == 0, answer
    return answer


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from served(tmp_path_factory)


@pytest.fixture
def own_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from served(tmp_path_factory)


def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway that asks for certificates, and what belongs to it; its keys are those of the environment meanwhile."""
    place = tmp_path_factory.mktemp("certificates")
    project = released_copy(tmp_path_factory, place / "world")
    ours, theirs = Authority(place / "ours", "ours"), Authority(place / "theirs", "theirs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECMLOPS_KEYS", str(place / "world" / "keys"))
        command = [sys.executable, "-c", SERVE, "-C", str(project), "--client-ca", str(ours.file)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            yield Running(_port(process), project, ours, theirs, process)
        finally:
            process.kill()
            process.communicate()


def _port(process: subprocess.Popen[str]) -> int:
    lines = []
    for line in process.stderr:
        lines.append(line)
        if found := re.search(r"^serving: .*:(\d+)/v2", line):
            return int(found[1])
    raise AssertionError(f"the gateway did not start: {lines}")


MODEL = "/v2/models/small"


def test_a_certificate_lets_in_from_when_it_is_mapped_until_it_is_withdrawn(gateway, capsys) -> None:
    pair = gateway.ours.client("scorer")
    assert gateway.get(MODEL, pair)[0] == 401
    told(gateway.project, capsys, "access", "users", "add", "scorer", "--role", "caller")
    mapped = told(gateway.project, capsys, "access", "certificates", "map", pair[0], "scorer")
    gateway.within_a_second(MODEL, pair, 200)
    assert gateway.get("/status", pair)[0] == 401  # what its role does not allow
    assert gateway.get(MODEL, pair, "sk_wrong")[0] == 401  # a key that is shown is what counts
    told(gateway.project, capsys, "access", "certificates", "withdraw", mapped["fingerprint"])
    gateway.within_a_second(MODEL, pair, 401)


def test_a_stranger_with_an_unmapped_certificate_looks_like_one_with_none(gateway) -> None:
    assert gateway.get(MODEL, gateway.ours.client("stranger")) == gateway.get(MODEL, None)
    assert gateway.get("/v2/health/live", None)[0] == 200


def test_a_certificate_of_another_authority_ends_the_handshake(gateway, capsys) -> None:
    pair = gateway.theirs.client("scorer")
    told(gateway.project, capsys, "access", "users", "add", "other", "--role", "caller")
    told(gateway.project, capsys, "access", "certificates", "map", pair[0], "other")  # not even when it is mapped
    time.sleep(0.6)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        gateway.get(MODEL, pair)


def test_the_same_name_from_the_same_authority_is_somebody_else(gateway, capsys) -> None:
    mine = gateway.ours.client("twin")
    told(gateway.project, capsys, "access", "users", "add", "twin", "--role", "caller")
    told(gateway.project, capsys, "access", "certificates", "map", mine[0], "twin")
    gateway.within_a_second(MODEL, mine, 200)
    assert gateway.get(MODEL, gateway.ours.client("twin"))[0] == 401


def test_the_status_tells_where_it_listens_and_it_stops_when_told(own_gateway, capsys) -> None:
    deadline = time.monotonic() + 30
    while not (found := told(own_gateway.project, capsys, "serve", "status")["running"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    (running,) = found
    assert running["address"] == f"127.0.0.1:{own_gateway.port}"
    assert running["pid"] == own_gateway.process.pid
    assert [one["name"] for one in running["models"]] == ["small"]
    own_gateway.process.terminate()
    assert own_gateway.process.wait(30) == 0
    assert told(own_gateway.project, capsys, "serve", "status")["running"] == []
