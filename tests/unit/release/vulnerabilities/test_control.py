"""What is known of the packages is told; what was not checked is never told as fine."""

import dataclasses
import json

import pytest

from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.release.candidate import Candidate
from secmlops.release.vulnerabilities.control import Vulnerabilities


def advisory(name: str, number: int = 1, aliases: tuple[str, ...] = (), modified: str = "2026-02-20T00:00:00Z"):
    events = [{"introduced": "0"}, {"fixed": "999"}]
    return {
        "id": f"PYSEC-2026-{number}",
        "modified": modified,
        "aliases": list(aliases),
        "affected": [
            {"package": {"ecosystem": "PyPI", "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        ],
    }


def checked(candidate: Candidate, *records: dict[str, object], **settings: object):
    data = json.dumps(list(records)).encode()
    return Vulnerabilities(**settings).examine(dataclasses.replace(candidate, advisories=data))


@pytest.fixture
def package(candidate: Candidate) -> str:
    return next(iter(candidate.versions()))


def test_without_a_file_nothing_is_fine(candidate: Candidate) -> None:
    found = Vulnerabilities().examine(candidate)
    assert found.outcome is Outcome.SKIPPED
    assert [one.severity for one in found.findings] == [Severity.ERROR]
    assert "not looked up" in found.findings[0].message
    assert found.measures == {"unchecked_packages": float(len(candidate.versions()))}


def test_packages_without_known_flaws_pass(candidate: Candidate) -> None:
    found = checked(candidate, advisory("something-else"))
    assert found.outcome is Outcome.PASSED
    assert found.measures["checked_packages"] == len(candidate.versions())
    assert found.measures["vulnerabilities"] == 0
    assert found.measures["advisory_age_days"] == pytest.approx(9.378, abs=0.001)
    assert set(found.materials) == {"advisories"}


def test_a_known_flaw_fails_and_is_named_once(candidate: Candidate, package: str) -> None:
    again = advisory(package.upper(), 2, ("CVE-2026-1", "PYSEC-2026-1"))
    found = checked(candidate, advisory(package, 1, ("CVE-2026-1",)), again)
    assert found.outcome is Outcome.FAILED
    assert [one.rule for one in found.findings] == ["vulnerabilities.known"]
    assert "PYSEC-2026-1 (CVE-2026-1)" in found.findings[0].message
    assert (found.measures["vulnerabilities"], found.measures["vulnerable_packages"]) == (1, 1)


@pytest.mark.parametrize("accepted", ["PYSEC-2026-1", "CVE-2026-1"])
def test_one_that_was_accepted_by_name_does_not_fail(candidate: Candidate, package: str, accepted: str) -> None:
    found = checked(candidate, advisory(package, 1, ("CVE-2026-1",)), accepted=(accepted,))
    assert (found.outcome, found.measures["vulnerabilities"]) == (Outcome.PASSED, 0)


def test_old_advisories_fail(candidate: Candidate) -> None:
    old = advisory("something-else", modified="2025-12-01T00:00:00Z")
    found = checked(candidate, old)
    assert [one.rule for one in found.findings] == ["vulnerabilities.stale"]
    assert found.outcome is Outcome.FAILED
    assert checked(candidate, old, maximum_age_days=365.0).outcome is Outcome.PASSED
    undated = dataclasses.replace(candidate, finished=None)
    assert "cannot be dated" in checked(undated, old).findings[0].message


def test_a_version_that_is_none_is_told_as_unchecked(candidate: Candidate) -> None:
    odd = dataclasses.replace(candidate, environment={"packages": {"odd": "from here", "nothing": ""}}, serving={})
    found = checked(odd, advisory("odd"))
    assert (found.measures["checked_packages"], found.measures["unchecked_packages"]) == (0, 2)
    assert found.findings[0].rule == "vulnerabilities.not-checked"
    assert found.outcome is Outcome.FAILED


def test_a_file_that_is_no_osv_is_an_error(candidate: Candidate) -> None:
    with pytest.raises(InputError):
        Vulnerabilities().examine(dataclasses.replace(candidate, advisories=b"{}"))
    with pytest.raises(InputError):
        Vulnerabilities(maximum_age_days=0)
