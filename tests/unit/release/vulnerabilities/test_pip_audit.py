"""What pip-audit could not look up was not looked up, however it ends and whatever else it says."""

import dataclasses
import json
from pathlib import Path

import pytest

from secmlops.core.evidence import Outcome
from secmlops.release.candidate import Candidate
from secmlops.release.vulnerabilities import control
from secmlops.release.vulnerabilities.control import Vulnerabilities
from secmlops.release.vulnerabilities.pip_audit import Audit, audit

ASKED = {"good": "1.0", "bad": "2.0", "odd": "no version", "private": "3"}
FLAWS = [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": []}, {"id": "GHSA-1", "aliases": ["CVE-1"]}]
SKIPPED = {"name": "private", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def program(folder: Path, answer: object, code: int = 0) -> str:
    """A program that answers so; it keeps what it was asked in the file ``asked``."""
    said = answer if isinstance(answer, str) else json.dumps(answer)
    (folder / "answer").write_text(said)
    path = folder / "pip-audit"
    path.write_text(f'#!/bin/sh\ncp "$2" "{folder}/asked"\necho "No known vulnerabilities found" >&2\n'
                    f'cat "{folder}/answer"\nexit {code}\n')  # fmt: skip
    path.chmod(0o700)
    return str(path)


def test_what_it_skipped_is_not_looked_up(tmp_path: Path) -> None:
    given = [
        {"name": "Good", "version": "1.0", "vulns": []},
        {"name": "bad", "version": "2.0", "vulns": FLAWS},
        SKIPPED,
    ]
    found = audit(ASKED, program(tmp_path, {"dependencies": given, "fixes": []}, 1))
    assert found.looked_up == {"good", "bad"}
    assert [(one.package, one.id) for one in found.found] == [("bad", "PYSEC-1")]
    assert (tmp_path / "asked").read_text() == "bad==2.0\ngood==1.0\nprivate==3\n"


@pytest.mark.parametrize(
    ("answer", "code", "why"),
    [
        ({"dependencies": [SKIPPED]}, 0, "could look up none"),
        ({"dependencies": [{"name": "good", "version": "9", "vulns": []}]}, 0, "could look up none"),
        ({"dependencies": [{"name": "good", "version": "1.0"}]}, 0, "could look up none"),
        ("Traceback", 0, "cannot be read"),
        ({"dependencies": []}, 2, "ended with 2"),
    ],
)
def test_an_answer_that_says_nothing_is_an_obstacle(tmp_path: Path, answer: object, code: int, why: str) -> None:
    found = audit(ASKED, program(tmp_path, answer, code))
    assert not found.looked_up
    assert why in found.obstacle


def test_a_missing_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert audit(ASKED).obstacle == "pip-audit is not installed"
    assert "did not answer" in audit(ASKED, str(tmp_path)).obstacle


def online(candidate: Candidate, monkeypatch: pytest.MonkeyPatch, *skipped: str, obstacle: str = ""):
    """Evidence of a candidate whose packages the network knows but for those ``skipped``."""
    monkeypatch.setattr(
        control, "audit", lambda packages: Audit((), frozenset(packages) - {*skipped}, obstacle),
    )  # fmt: skip
    return Vulnerabilities(online=True).examine(candidate)


def test_a_package_that_nobody_could_look_up_fails_unless_unpublished(candidate: Candidate, monkeypatch) -> None:
    named = min(candidate.versions())
    assert online(candidate, monkeypatch).outcome is Outcome.PASSED
    found = online(candidate, monkeypatch, named)
    assert found.outcome is Outcome.FAILED
    assert found.measures["unchecked_packages"] == 1
    own = dataclasses.replace(candidate, serving={"secmlops": "0.1.0"})
    noted = online(own, monkeypatch, "secmlops")
    assert (noted.outcome, noted.findings[0].rule) == (Outcome.PASSED, "vulnerabilities.unpublished")


def test_without_a_network_the_file_is_asked_and_it_is_told(candidate: Candidate, monkeypatch) -> None:
    every = tuple(candidate.versions())
    assert online(candidate, monkeypatch, *every, obstacle="no network").outcome is Outcome.SKIPPED
    record = {"id": "PYSEC-9", "modified": "2026-02-20T00:00:00Z", "affected": []}
    filed = dataclasses.replace(candidate, advisories=json.dumps(record).encode())
    found = online(filed, monkeypatch, *every, obstacle="no network")
    assert (found.outcome, found.findings[0].rule) == (Outcome.PASSED, "vulnerabilities.offline")
