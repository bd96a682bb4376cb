"""``secmlops serve``: what was asked for reaches the server, and what cannot be is told before anything listens."""

import json
import os
import signal
from pathlib import Path

import pytest

from kits.small_project import released_copy
from secmlops.cli import serve
from secmlops.cli.main import _run
from secmlops.gateway.presence import FOLDER, Presence
from secmlops.serving.settings import AuditMode
from secmlops.workspace import STATE


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    return folder


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list:
    """Everything up to the point where the server would run, with what it was given."""
    given, prepare = [], serve.prepare_serving

    def prepared(workspace, release, address, settings, share):
        serving = prepare(workspace, release, address, settings, share)
        given.append((release, address, settings, share, serving))

        def run(sockets):
            given.append([one.getsockname()[1] for one in sockets])
            for listener in listeners:
                listener()
            raise KeyboardInterrupt

        listeners = []
        monkeypatch.setattr(serving.server, "tell", listeners.append)
        monkeypatch.setattr(serving.server, "run", run)
        return serving

    before = signal.getsignal(signal.SIGTERM), signal.pthread_sigmask(signal.SIG_BLOCK, ())
    monkeypatch.setattr(serve, "prepare_serving", prepared)
    yield given
    signal.signal(signal.SIGTERM, before[0])
    signal.pthread_sigmask(signal.SIG_SETMASK, before[1])  # a worker holds signals back, and here it is this process


def run(project: Path, *arguments: str) -> int:
    return int(_run(["serve", *arguments, "-C", str(project)]))


def test_by_itself_it_serves_the_latest_release_over_tls_on_loopback(project, started, capsys) -> None:
    assert run(project, "--port", "0") == 0
    (release, address, settings, share, _), ports = started
    assert (release, address.host, address.tls, address.client_ca, share) == (None, "127.0.0.1", "auto", None, 1.0)
    assert settings.audit is AuditMode.DURABLE
    assert set(ports) == {address.port}
    told = capsys.readouterr().err
    assert f"small 1 at https://127.0.0.1:{address.port}/v2/models/small" in told.replace("\n", " ")
    assert "certificate" in told
    assert "stopped" in told
    assert "warning" not in told


def test_a_release_may_be_named_and_clear_text_is_warned_of(project, started, capsys) -> None:
    assert run(project, "small-1", "--port", "0", "--insecure-no-tls", "--host", "localhost") == 0
    (release, address, *_), _ = started
    assert (release, address.host, address.tls) == ("small-1", "localhost", None)
    told = capsys.readouterr().err
    assert "without TLS" in told
    assert "http://localhost:" in told


CONFIG = """\
host: 127.0.0.2
port: 0
audit: async
limits: {rate: 5, burst: 7}
"""


def test_a_file_of_settings_takes_the_place_of_the_projects_section(project, started, tmp_path, capsys) -> None:
    config = tmp_path / "serving.yaml"
    config.write_text(CONFIG)
    assert run(project, "--config", str(config)) == 0
    (_, address, settings, *_), _ = started
    assert (address.host, settings.limits.rate, settings.limits.burst) == ("127.0.0.2", 5.0, 7)
    assert "50 ms" in capsys.readouterr().err


@pytest.mark.parametrize("sound", [True, False])
def test_several_workers_share_the_sockets_and_the_limits(project, started, monkeypatch, sound) -> None:
    counts = []

    def in_this_process(count, work, forked):
        counts.append(count)
        work(0)
        work(1)
        return sound

    monkeypatch.setattr(serve, "serve_with_workers", in_this_process)
    assert run(project, "--port", "0", "--workers", "2") == (0 if sound else 3)
    assert counts == [2]
    first, ports, second, same = started
    assert (first[3], second[3], ports) == (0.5, 0.5, same)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--insecure-no-tls", "--tls", "a:b"], "contradict"),
        (["--host", "192.0.2.1", "--insecure-no-tls"], "read the keys"),
        (["--insecure-no-tls", "--client-ca", "ca.pem"], "need TLS"),
        (["small-7"], "never published"),
        (["--config", "nowhere.yaml"], "nowhere.yaml"),
        (["--host", "gateway.invalid."], "cannot listen"),
    ],
)
def test_what_cannot_be_is_told_before_anything_listens(project, started, capsys, arguments, told) -> None:
    assert run(project, *arguments) == 2
    assert told in capsys.readouterr().err.replace("\n", " ")
    assert started == []


def status(project: Path, capsys: pytest.CaptureFixture[str]) -> tuple[list, str]:
    capsys.readouterr()
    assert _run(["serve", "status", "-C", str(project), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["running"]
    assert _run(["serve", "status", "-C", str(project)]) == 0
    return told, capsys.readouterr().out


def test_the_status_of_nothing(project, capsys) -> None:
    told, shown = status(project, capsys)
    assert told == []
    assert "nothing is served" in shown


def test_the_status_of_what_runs(project, capsys) -> None:
    state = {
        "models": [{"name": "small", "version": "1"}],
        "ready": False,
        "requests": {"2xx": 41},
        "events": {"refused.credentials": 2},
    }
    presence = Presence(project / STATE / FOLDER, {"address": "127.0.0.1:8443", "since": "2026-03-01T09:00:00+00:00"})
    presence.tell(state)
    told, shown = status(project, capsys)
    assert [one["pid"] for one in told] == [os.getpid()]
    assert told[0]["events"] == {"refused.credentials": 2}
    assert "127.0.0.1" in shown
    presence.end()
    assert status(project, capsys)[0] == []


def test_the_status_of_much_fits_the_screen_and_breaks_no_name(project, capsys) -> None:
    names = [f"{kind}.serving.watch.{what}" for kind in ("alarm", "note") for what in ("extraction", "boundary")]
    state = {
        "models": [{"name": f"credit-risk-{'x' * 40}-{n}", "version": "12"} for n in range(3)],
        "ready": True,
        "requests": {"2xx": 123456789, "4xx": 12345, "5xx": 1},
        "events": {"refused.credentials": 123456, **dict.fromkeys(names, 7)},
    }
    presence = Presence(project / STATE / FOLDER, {"address": "127.0.0.1:8443", "since": "2026-03-01T09:00:00+00:00"})
    presence.tell(state)
    _, shown = status(project, capsys)
    presence.end()
    lines = [line.strip() for line in shown.splitlines()]
    assert max(map(len, shown.splitlines())) <= 100
    for told in ("123456 refused.credentials", "7 alarm.serving.watch.extraction", "12345 4xx"):
        assert any(line.endswith(told) for line in lines), told


def test_a_folder_that_is_no_project_has_no_status(tmp_path, capsys) -> None:
    assert _run(["serve", "status", "-C", str(tmp_path)]) == 2
    assert "secmlops.yaml" in capsys.readouterr().err


def test_the_help_is_that_of_starting(capsys) -> None:
    assert _run(["serve", "--help"]) == 0
    assert "--client-ca" in capsys.readouterr().out
