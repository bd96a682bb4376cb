"""The progress of a run: a line for every finished control; on a terminal, a spinner while one works."""

from datetime import UTC, datetime

import pytest

from secmlops.cli.progress import RunProgress
from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.schema.control import Schema

DIGEST = Digest.of(b"x")


def evidence(outcome: Outcome) -> Evidence:
    return Evidence(
        control=ControlRef("data.schema", "1", DIGEST),
        stage=Stage.DATA,
        subject=Subject(SubjectKind.DATASET, "t", DIGEST),
        outcome=outcome,
        at=datetime(2026, 3, 1, tzinfo=UTC),
    )


def test_every_outcome_has_its_line_and_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress() as progress:
        for outcome in Outcome:
            progress.started(Schema())
            progress.finished(evidence(outcome), outcome is Outcome.PASSED)
    assert progress.reused == ["data.schema"]
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.split()[1] for line in said.err.splitlines()] == ["passed", "FAILED", "ERRORED", "skipped"]


def test_a_terminal_shows_what_works_and_is_cleared_when_it_ends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with RunProgress() as progress:
        progress.started(Schema())
        progress.started(Schema())
    said = capsys.readouterr().err
    assert "data: data.schema …" in said
    assert said.count("\x1b[?25l") == said.count("\x1b[?25h") == 2, "the cursor is hidden, and comes back each time"
