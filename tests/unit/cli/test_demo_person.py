"""A person's journey in the demo: to the end, and told without the name."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from kits.persons_world import write_persons
from secmlops.cli.demo_person import person_journey
from secmlops.workspace import Workspace

FIRST = "C-0000"


def test_the_first_person_is_found_copied_erased_and_certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    folder = write_persons(tmp_path / "small", 300)
    journey = person_journey(Workspace(folder))
    assert journey is not None
    assert journey.erased.done
    assert journey.verification.ok
    copy = json.loads(journey.copy.read_text())
    assert [row["customer"] for row in copy["tables"][0]["rows"]] == [FIRST, FIRST]
    assert FIRST not in (folder / "loans.csv").read_text()
    screen = Console(file=io.StringIO(), width=100)
    journey.show(screen)
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    for step in ("found", "protected", "exported", "erased", "forgotten", "certified", "verified offline"):
        assert step in shown
    assert max(map(len, shown.splitlines())) <= 100
    assert FIRST not in shown + json.dumps(journey.to_json())


def test_where_a_gate_is_shut_nobody_is_erased(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    folder = write_persons(tmp_path / "small", 40)
    file = folder / "secmlops.yaml"
    file.write_text(file.read_text().replace("purpose: lending", "purpose: marketing"))
    assert person_journey(Workspace(folder)) is None
    assert FIRST in (folder / "loans.csv").read_text()
