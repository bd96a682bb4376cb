"""The Makefile: every target that a page names is there, and its words say what it runs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "benchmarks" / "README.md",
    *(ROOT / "docs").rglob("*.md"),
]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))


def test_every_target_that_a_page_names_is_there() -> None:
    shown = {
        t for page in PAGES for t in re.findall(r"(?:`|^)make ([a-z][a-z-]*)", page.read_text("utf-8"), re.MULTILINE)
    }
    assert shown
    assert shown <= TARGETS
    assert "bench-detection" in shown


def test_every_phony_target_exists() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert set(phony.split()) == TARGETS


def test_the_words_of_check_promise_no_coverage() -> None:
    (words,) = re.findall(r"^check:.*## (.*)$", MAKEFILE, re.MULTILINE)
    assert "coverage" not in words


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_benchmark_of_the_detectors_is_a_target() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "bench-detection"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "/python benchmarks/detection.py" in done.stdout
