"""The gateway as a user runs it: a process of its own, over TLS, stopped kindly and unkindly."""

import contextlib
import http.client
import json
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from secmlops.access.keys import Narrowing
from secmlops.access.permissions import Action
from secmlops.gateway.client import infer
from secmlops.gateway.loading import load
from secmlops.ledger.audit import audit
from secmlops.pipeline import example_request_of
from secmlops.serving.record import PREDICTION, PredictionRecord
from secmlops.trust.roles import Role
from secmlops.verification import verify_path
from secmlops.workspace import Workspace

START_SECONDS = 60
SERVE = "import sys; from secmlops.cli.main import main; main(['serve', '--port', '0', *sys.argv[1:]])"


@dataclass
class Running:
    """A serving process, its project, and a key that may do everything."""

    process: subprocess.Popen[bytes]
    workspace: Workspace
    port: int
    key: str
    log: Path

    @property
    def certificate(self) -> Path:
        return self.workspace.folder / ".secmlops" / "tls" / "certificate.pem"

    @property
    def path(self) -> str:
        return f"/v2/models/{self.workspace.project.name}/infer"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def connect(self) -> http.client.HTTPConnection:
        """Connection to a gateway that serves in clear."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)


@contextlib.contextmanager
def serving(folder: Path, log: Path, *options: str) -> Iterator[Running]:
    """Serve the project's release in a child process; it is killed at the end where it still runs."""
    workspace = Workspace(folder)
    key, _ = workspace.administration.grant_anyone("tester", Narrowing(scopes=("*",), lifetime=timedelta(hours=1)))
    with log.open("wb") as stream:
        command = [sys.executable, "-c", SERVE, "-C", str(folder), *options]
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        yield Running(process, workspace, port_of(process, log), key, log)
    finally:
        process.kill()
        process.wait(10)
        workspace.ledger.close()


def port_of(process: subprocess.Popen[bytes], log: Path) -> int:
    """Port that the process says it listens on, once it does."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"^serving: .*:(\d+)/v2", log.read_text(), re.MULTILINE)
        if found:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", int(found[1])), 5):
                return int(found[1])
        time.sleep(0.05)
    raise AssertionError(f"the gateway did not start: {log.read_text()}")


@pytest.fixture(scope="module")
def gateway(small_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway over TLS, for all tests of this file that do not stop it."""
    place = tmp_path_factory.mktemp("gateway")
    with serving(Path(shutil.copytree(small_project, place / "credit")), place / "log") as running:
        yield running


@pytest.fixture(scope="module")
def request_body(small_project: Path) -> dict[str, Any]:
    return example_request_of(Workspace(small_project))


def ask(running: Running, body: dict[str, Any]) -> dict[str, Any]:
    return infer(running.port, running.certificate, running.workspace.project.name, running.key, body)


def test_a_prediction_over_tls_is_the_predictors_and_its_receipt_verifies_offline(gateway, request_body, tmp_path):
    answer = ask(gateway, request_body)
    served = load(gateway.workspace, gateway.workspace.release())
    columns = {tensor["name"]: tensor["data"] for tensor in request_body["inputs"]}
    expected = served.predictor.predict(served.predictor.signature.encode(columns))
    assert np.array_equal([answer["outputs"][0]["data"]], expected)
    receipt = tmp_path / "prediction.tlog-proof"
    receipt.write_text(answer["parameters"]["receipt"])
    verified = verify_path(receipt, gateway.workspace.keys.ring())
    assert verified.ok
    assert verified.facts["prediction"]["outputs"] == expected.tolist()
    assert verified.facts["prediction"]["model"] == str(served.predictor.digest)


def test_a_receipt_with_one_changed_letter_does_not_verify(gateway, request_body, tmp_path, secmlops):
    text = ask(gateway, request_body)["parameters"]["receipt"]
    receipt = tmp_path / "prediction.tlog-proof"
    middle = text.index("extra ") + 40
    receipt.write_text(text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :])
    assert secmlops("verify", receipt).code == 1


def test_a_key_that_is_withdrawn_while_in_use_stops_within_a_second(gateway, request_body):
    context = ssl.create_default_context(cafile=str(gateway.certificate))
    key, grant = gateway.workspace.administration.grant_anyone("short", Narrowing(scopes=(Action.PREDICT,)))
    connection = http.client.HTTPSConnection("localhost", gateway.port, timeout=60, context=context)
    body = json.dumps(request_body)

    def status() -> int:
        connection.request("POST", gateway.path, body, {"Authorization": f"Bearer {key}"})
        response = connection.getresponse()
        response.read()
        return response.status

    deadline = time.monotonic() + 10
    while status() != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    gateway.workspace.administration.withdraw(grant.key)
    withdrawn = time.monotonic()
    while status() == 200:
        assert time.monotonic() < withdrawn + 10
        time.sleep(0.02)
    assert time.monotonic() - withdrawn < 2.0  # one second of our own, and a busy machine
    connection.close()


def test_what_is_not_tls_gets_no_answer(gateway):
    with socket.create_connection(("127.0.0.1", gateway.port), 10) as plain:
        plain.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b"200" not in plain.recv(1000)


def test_old_tls_is_refused(gateway):
    context = ssl.create_default_context(cafile=str(gateway.certificate))
    with pytest.warns(DeprecationWarning, match="TLSv1 "):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    connection = http.client.HTTPSConnection("localhost", gateway.port, timeout=60, context=context)
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        connection.request("GET", "/v2/health/live")
    connection.close()


def test_the_key_file_is_private_and_the_log_says_nothing_of_requests(gateway, request_body):
    ask(gateway, request_body)
    key = gateway.certificate.with_name("certificate.key")
    assert key.stat().st_mode & 0o777 == 0o600
    log = gateway.log.read_text()
    assert gateway.key not in log
    assert "infer" not in log.replace(f"/v2/models/{gateway.workspace.project.name}", "")


def send_all(running: Running, body: bytes, stop: threading.Event, acknowledged: list[tuple[int, str]]) -> None:
    """Ask one prediction after another; keep index and id of every answer that came whole."""
    connection = running.connect()
    with contextlib.suppress(OSError, http.client.HTTPException):
        while not stop.is_set():
            connection.request("POST", running.path, body, running.headers)
            response = connection.getresponse()
            told = json.loads(response.read())
            if response.status == 200:
                acknowledged.append((told["parameters"]["ledger_index"], told["parameters"]["prediction_id"]))
    connection.close()


def check_ledger(folder: Path, acknowledged: list[tuple[int, str]]) -> None:
    """Every acknowledged prediction is in the ledger, which holds."""
    workspace = Workspace(folder)
    ledger = workspace.traffic
    for index, prediction in acknowledged:
        entry = ledger.entry(index)
        assert (entry.kind, PredictionRecord.from_json(entry.data).id) == (PREDICTION, prediction)
    assert audit(ledger.storage, workspace.keys.ring().current(Role.LOG), workspace.traffic_origin).ok
    ledger.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_stopped_under_load_no_acknowledged_prediction_is_missing(how, project, request_body, tmp_path):
    body = json.dumps(request_body).encode()
    with serving(project, tmp_path / "log", "--insecure-no-tls") as running:
        stop, acknowledged = threading.Event(), list[tuple[int, str]]()
        arguments = (running, body, stop, acknowledged)
        threads = [threading.Thread(target=send_all, args=arguments, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 20
        while len(acknowledged) < 100 and time.monotonic() < deadline:
            time.sleep(0.01)
        running.process.send_signal(how)
        running.process.wait(30)
        stop.set()
        for thread in threads:
            thread.join(30)
        assert running.process.returncode == (-how if how is signal.SIGKILL else 0)
        assert "Traceback" not in running.log.read_text()
    assert len(acknowledged) >= 100
    assert len(set(acknowledged)) == len(acknowledged)
    check_ledger(project, acknowledged)


def test_asked_to_stop_it_finishes_the_request_under_way(project, request_body, tmp_path):
    body = json.dumps(request_body).encode()
    with serving(project, tmp_path / "log", "--insecure-no-tls") as running:
        head = f"POST {running.path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {running.key}\r\n"
        with socket.create_connection(("127.0.0.1", running.port), 20) as connection:
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:50])
            time.sleep(0.3)
            running.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert running.process.poll() is None
            connection.sendall(body[50:])
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert running.process.wait(20) == 0
        log = running.log.read_text()
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer
    assert "stopped: every answer that was given is in the ledger" in log
    assert "warning: served without TLS" in log


def test_a_release_that_was_touched_is_not_served(project, secmlops):
    sealed = project / "releases" / "credit-risk-1" / "model.onnx.c2sp"
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"\0")
    said = secmlops("serve", "-C", project, "--port", "0")
    assert said.code == 1
    assert "not the one of the manifest" in said.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--tls", "none.pem:none.key"], "none.pem: cannot be read"),
        (["--tls", "manual"], "does not name a certificate and its key"),
        (["--tls", "a:b", "--insecure-no-tls"], "contradict"),
        (["--insecure-no-tls", "--host", "0.0.0.0"], "others on the network could read the keys"),
        (["--host", "a" * 70], "cannot listen"),
        (["--port", "65536"], "65536"),
        (["credit-risk-99"], "credit-risk-99 was never published here"),
    ],
)
def test_what_cannot_be_served_so_is_told_in_words(project, secmlops, options, told):
    said = secmlops("serve", "-C", project, *(options if "--port" in options else ["--port", "0", *options]))
    assert said.code == 2
    assert told in said.err


def test_a_port_that_is_taken_is_told(project, secmlops):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = secmlops("serve", "-C", project, "--port", taken.getsockname()[1])
    assert (said.code, "cannot listen: Address already in use" in said.err) == (2, True)


def test_a_project_without_a_release_is_told(tiny, secmlops):
    said = secmlops("serve", "-C", tiny, "--port", "0")
    assert (said.code, "there is no release yet" in said.err) == (2, True)


def test_a_key_is_shown_once_listed_and_withdrawn(project, secmlops):
    granted = secmlops("access", "grant", "batch job", "--scope", "predict", "--expires", "90 d", "-C", project)
    (key,) = re.findall(r"^sk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$", granted.out, re.MULTILINE)
    identity = key[3:15]
    listed = secmlops("access", "list", "-C", project)
    assert identity in listed.out
    assert key not in listed.out + secmlops("access", "list", "-C", project, "--json").out
    stored = b"".join(path.read_bytes() for path in (project / ".secmlops").glob("*.db*"))
    assert key[16:].encode() not in stored
    assert secmlops("access", "withdraw", identity, "-C", project).code == 0
    (told,) = secmlops("access", "list", "-C", project, "--json").data["keys"]
    assert (told["withdrawn"], told["scopes"], told["name"]) == (True, ["predict"], "batch job")


@pytest.mark.parametrize(
    "arguments",
    [
        ["grant", "a\nb"], ["grant", ""], ["grant", "x", "--expires", "never"], ["grant", "x", "--scope", "admin"],
        ["grant", "x", "--expires", "99999999999 d"], ["grant", "x", "--expires", "9999999 d"],
        ["grant", "x", "--expires", "0.0000001 s"], ["withdraw", "ffffffffffff"],
    ],
)  # fmt: skip
def test_access_that_cannot_be_given_is_told_in_words(project, secmlops, arguments):
    said = secmlops("access", *arguments, "-C", project)
    assert said.code == 2
    assert "something of ours broke" not in said.err
