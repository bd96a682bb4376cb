"""Which versions an advisory is about, by the evaluation that the OSV format prescribes."""

import msgspec
import pytest
from packaging.version import Version

from secmlops.release.vulnerabilities.advisory import Advisory, normalised


def advisory(affected: dict[str, object] | None = None, **more: object) -> Advisory:
    package = {"ecosystem": "PyPI", "name": "Py_Yaml"}
    record = {
        "id": "PYSEC-1",
        "modified": "2026-01-02T03:04:05Z",
        "affected": [{"package": package} | (affected or {})],
    }
    return msgspec.convert(record | more, Advisory, strict=False)


def between(*events: dict[str, str], kind: str = "ECOSYSTEM") -> dict[str, object]:
    return {"ranges": [{"type": kind, "events": list(events)}]}


@pytest.mark.parametrize(
    ("affected", "vulnerable", "safe"),
    [
        (between({"introduced": "0"}), ["0.0a1", "1", "99"], []),
        (between({"introduced": "0"}, {"fixed": "5.4"}), ["0.1", "5.3.1", "5.4rc1"], ["5.4", "6"]),
        (between({"introduced": "5.1"}, {"fixed": "5.4"}), ["5.1", "5.3"], ["5.0", "5.4", "5.1a1"]),
        (between({"introduced": "1"}, {"last_affected": "2"}), ["1", "2"], ["2.0.1", "0.9"]),
        (between({"fixed": "2"}, {"introduced": "3"}, {"introduced": "1"}), ["1", "3", "4"], ["2", "2.5", "0.5"]),
        (between({"introduced": "0"}, {"fixed": "1!0"}), ["99"], ["1!0", "1!1"]),
        (between({"introduced": "1"}, {"fixed": "2"}, kind="SEMVER"), ["1.5"], ["2"]),
        (between({"introduced": "0"}, kind="GIT"), [], ["1"]),
        ({"versions": ["1.0", "not a version"]}, ["1", "1.0.0"], ["1.0.1"]),
        ({}, [], ["1"]),
    ],
)
def test_the_versions_that_are_affected(affected: dict[str, object], vulnerable: list[str], safe: list[str]) -> None:
    one = advisory(affected)
    assert [text for text in vulnerable if not one.is_about("pyyaml", Version(text))] == vulnerable
    assert [text for text in vulnerable if one.is_about("PY.yaml", Version(text))] == vulnerable
    assert not any(one.is_about("py-yaml", Version(text)) for text in safe)


def test_a_withdrawn_one_is_about_nothing() -> None:
    gone = advisory(between({"introduced": "0"}), withdrawn="2026-02-01T00:00:00Z")
    assert not gone.is_about("py-yaml", Version("1"))


def test_other_packages_and_ecosystems_do_not_count() -> None:
    assert not advisory(between({"introduced": "0"})).is_about("yaml", Version("1"))
    package = {"ecosystem": "npm", "name": "py-yaml"}
    other = advisory({"package": package} | between({"introduced": "0"}))
    assert other.packages == frozenset()
    assert not other.is_about("py-yaml", Version("1"))
    assert advisory().packages == {"py-yaml"}


def test_names_are_compared_as_installers_do() -> None:
    assert normalised("Zope.Interface__x") == "zope-interface-x"
