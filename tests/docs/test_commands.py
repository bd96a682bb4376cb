"""Every command on every page is run, in order, and ends as the page says."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from docs.conftest import PAGES, PORT, ROOT, Block, Desk, blocks_of

SKIPPED = {
    "make demo": "installs, then runs the demo; the demo itself is run below",
    "make test": "runs these tests",
    "python3 -m venv .venv": "installs",
    ". .venv/bin/activate": "installs",
    "pip install .": "installs; the continuous integration of the project does so",
}
"""Lines that are not run here, and why."""

FRESH = {"README.md", "docs/tutorial/first-release.md", "docs/how-to/own-data.md"}
"""Pages that begin without a project."""

WITH_COMMANDS = [p for p in PAGES if any(b.language == "sh" for b in blocks_of(p))]


def script_of(block: Block) -> str:
    """Commands of a block: skipped lines left out, expected exit codes checked, the gateway in the background."""
    if block.text.startswith("#!"):
        return f"( {block.text} )"
    return "\n".join(_line(line) for line in block.text.splitlines() if _command(line) not in SKIPPED)


def _command(line: str) -> str:
    return re.sub(r"\s+# .*$", "", line)


def _line(line: str) -> str:
    expected = re.fullmatch(r"(.*?)\s+# ends with (\d+)", line)
    if expected:
        prefix = "env " if re.match(r"[A-Z_]+=", expected[1]) else ""
        return f"expect {expected[2]} {prefix}{expected[1]}"
    return re.sub(r"^secmlops serve\b(?! status)", "start_gateway", line)


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_ends_as_the_page_says(
    page: Path, desk: Callable[[], Desk], prelude: str, port: str, tmp_path: Path
) -> None:
    place = desk()
    if str(page.relative_to(ROOT)) in FRESH:
        place = _fresh(place, tmp_path)
    commands = "\n".join(script_of(block) for block in blocks_of(page) if block.language == "sh")
    done = place.run(f"{prelude}\n{commands.replace(PORT, port)}\necho all commands were run")
    assert done.returncode == 0, done.stdout[-4000:]
    assert done.stdout.endswith("all commands were run\n"), done.stdout[-4000:]


def _fresh(place: Desk, tmp_path: Path) -> Desk:
    """An empty folder with a table in it, and the demo's project as a run of it leaves it."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    shutil.copy(place.folder / "applications.csv", folder)
    shutil.copytree(place.folder, folder / "secmlops-demo" / "credit-risk")
    return Desk(folder, place.keys, place.programs)


def test_every_skipped_line_still_stands_on_a_page() -> None:
    lines = {_command(line) for page in PAGES for block in blocks_of(page) for line in block.text.splitlines()}
    assert SKIPPED.keys() <= lines


def test_a_page_that_promises_another_exit_code_fails(desk: Callable[[], Desk], prelude: str) -> None:
    block = Block("sh", "", "secmlops schema    # ends with 1\n")
    done = desk().run(f"{prelude}\n{script_of(block)}")
    assert done.returncode == 99
    assert "ended with 0, not with 1: secmlops schema" in done.stdout
