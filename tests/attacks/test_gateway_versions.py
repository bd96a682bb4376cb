"""Two versions of a model served at once over real sockets, while one is revoked and while they are asked."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kits.running_gateway import UNBOUNDED, RunningGateway, running, write_settings
from kits.small_project import released_copy
from secmlops.cli.main import _run
from secmlops.pipeline import Silence, run_pipeline
from secmlops.workspace import Workspace

BOTH = "models: [{release: small-1}, {release: small-2}]"
VERSIONS = ("1", "2")
SLOW = 1.5
"""Seconds that a change may take: one of ours, and a busy machine."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a project with two releases."""
    folder = tmp_path_factory.mktemp("versions")
    project = released_copy(tmp_path_factory, folder)
    write_settings(project, f"{UNBOUNDED}, watch: {{enabled: false}}, {BOTH}")
    file = project / "secmlops.yaml"
    file.write_text(file.read_text().replace("seed: 7", "seed: 8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECMLOPS_KEYS", str(folder / "keys"))
        workspace = Workspace(project)
        assert run_pipeline(workspace, Silence())[1] is not None
        workspace.ledger.close()
    return folder


@pytest.fixture
def gateway(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningGateway]:
    shutil.copytree(made, tmp_path / "copy")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "copy" / "keys"))
    with running(tmp_path / "copy" / "project") as one:
        yield one
        assert "Traceback" not in one.log.read_text()


def path_of(version: str) -> str:
    return f"/v2/models/small/versions/{version}/infer"


def asked(gateway: RunningGateway, version: str, stop: threading.Event) -> list[tuple[float, int, dict[str, Any]]]:
    found = []
    while not stop.is_set():
        sent = time.monotonic()
        found.append((sent, *gateway.ask(path=path_of(version))))
    return found


@pytest.mark.parametrize("revoked", VERSIONS)
def test_of_two_versions_the_revoked_one_stops_within_a_second_and_the_other_answers_on(gateway, revoked) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        asking = [(version, pool.submit(asked, gateway, version, stop)) for version in VERSIONS * 2]
        time.sleep(0.5)
        assert _run(["release", "revoke", f"small-{revoked}", "--reason", "test", "-C", str(gateway.project)]) == 0
        moment = time.monotonic()
        time.sleep(SLOW + 0.5)
        stop.set()
        answers = {version: [] for version in VERSIONS}
        for version, one in asking:
            answers[version] += one.result(30)
    for version in VERSIONS:
        expected = {200, 503} if version == revoked else {200}
        assert {status for _, status, _ in answers[version]} == expected
        assert {told["model_version"] for _, status, told in answers[version] if status == 200} == {version}
    assert all(sent - moment < SLOW for sent, status, _ in answers[revoked] if status == 200)
    assert {told["title"] for _, status, told in answers[revoked] if status == 503} == {"cannot answer now"}


def test_where_no_version_is_named_the_first_answers_and_no_other_takes_its_place(gateway) -> None:
    assert gateway.ask()[1]["model_version"] == "1"
    assert _run(["release", "revoke", "small-1", "--reason", "test", "-C", str(gateway.project)]) == 0
    gateway.within(SLOW, 503, gateway.key)
    assert gateway.ask(path=path_of("2"))[0] == 200
    answer = gateway.talk(b"GET /v2/health/ready HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"HTTP/1.1 503" in answer


def test_both_versions_are_described_and_once_one_is_revoked_the_other(gateway) -> None:
    def got(path: str) -> dict[str, Any]:
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\nConnection: close\r\n\r\n"
        status, _, rest = gateway.talk(head.encode()).partition(b"\r\n")
        assert status.endswith(b"200 OK"), status
        return json.loads(rest.partition(b"\r\n\r\n")[2])

    assert got("/v2/models/small")["versions"] == list(VERSIONS)
    assert {path_of(version) for version in VERSIONS} < got("/openapi.json")["paths"].keys()
    assert _run(["release", "revoke", "small-1", "--reason", "test", "-C", str(gateway.project)]) == 0
    gateway.within(SLOW, 503, gateway.key)
    assert got("/v2/models/small/versions/2")["versions"] == ["2"]


def test_both_revoked_nothing_answers_and_a_new_start_is_refused(gateway) -> None:
    for version in VERSIONS:
        assert _run(["release", "revoke", f"small-{version}", "--reason", "test", "-C", str(gateway.project)]) == 0
    for version in VERSIONS:
        gateway.within(SLOW, 503, gateway.key, path_of(version))
    assert gateway.stop() == 0
    assert _run(["serve", "-C", str(gateway.project), "--port", "0", "--insecure-no-tls"]) == 1
