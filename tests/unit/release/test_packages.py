from importlib.metadata import Distribution, version
from pathlib import Path

import pytest

from secmlops.core.digest import Digest
from secmlops.release.packages import Package, installed_packages, required_packages


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install packages that consist of metadata only."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(metadata: str, **files: str) -> Package:
        folder = tmp_path / "tiny_thing-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: tiny_thing\nVersion: 1.0\n{metadata}")
        for name, text in files.items():
            (folder / name.replace("_json", ".json")).write_text(text)
        return installed_packages({"tiny_thing": "1.0"})["tiny_thing"]

    return install


def test_what_is_installed_is_described() -> None:
    found = installed_packages({"numpy": version("numpy")})["numpy"]
    assert found.spdx
    assert "BSD-3-Clause" in found.licence
    assert found.pinned
    assert found.record == Digest.of((Distribution.from_name("numpy").read_text("RECORD") or "").encode())


def test_another_version_or_nothing_is_left_out() -> None:
    assert installed_packages({"numpy": "0.0.1", "no-such-package": "1", "": "1"}) == {}


def test_an_spdx_expression_is_one(site) -> None:
    found = site("License-Expression: MIT OR Apache-2.0\n")
    assert (found.licence, found.spdx) == ("MIT OR Apache-2.0", True)


def test_a_classifier_is_a_name(site) -> None:
    found = site("Classifier: License :: OSI Approved :: MIT License\nLicense: see file\n")
    assert (found.licence, found.spdx) == ("MIT License", False)


@pytest.mark.parametrize(
    ("text", "licence"),
    [("License: BSD\n", "BSD"), ("License: UNKNOWN\n", ""), (f"License: {'x' * 99}\n", ""), ("", "")],
)
def test_free_text_is_a_name_when_it_is_short(site, text: str, licence: str) -> None:
    assert site(text).licence == licence


def test_only_hashes_pin(site) -> None:
    digest = Digest.of(b"wheel")
    found = site("", direct_url_json=f'{{"url": "x", "archive_info": {{"hashes": {{"sha256": "{digest.hex}"}}}}}}')
    assert found.archive == digest
    assert found.pinned
    assert found.record is None


@pytest.mark.parametrize("text", ["", "not json", "{}", '{"archive_info": {"hashes": {"sha256": "XYZ"}}}'])
def test_a_direct_url_without_a_hash_pins_nothing(site, text: str) -> None:
    found = site("", direct_url_json=text)
    assert found.archive is None
    assert not found.pinned


def test_the_package_url_is_normalised_and_escaped() -> None:
    assert Package("Typing_Extensions", "4.1+local").purl == "pkg:pypi/typing-extensions@4.1%2Blocal"
    assert Package("zope.interface", "").purl == "pkg:pypi/zope.interface"


def test_what_serves_is_the_package_and_all_that_it_requires() -> None:
    found = required_packages()
    assert {"secmlops", "onnxruntime", "cryptography", "uvicorn", "msgspec", "numpy", "cffi"} <= found.keys()
    assert "pandas" not in found
    assert "pytest" not in found
    assert found["onnxruntime"] == version("onnxruntime")


def test_a_package_that_is_not_installed_requires_nothing() -> None:
    assert required_packages("no-such-package-here") == {}
