"""Telling a person how a run goes on: a spinner while a control works, a line when it is done. On standard error."""

from types import TracebackType
from typing import Any, Self

from rich.status import Status
from rich.text import Text

from secmlops.cli.screen import Screen
from secmlops.core.control import Control
from secmlops.core.evidence import Evidence, Outcome

MARKS = {
    Outcome.PASSED: ("✓", "green", "passed"),
    Outcome.FAILED: ("✗", "bold red", "FAILED"),
    Outcome.ERRORED: ("!", "bold red", "ERRORED"),
    Outcome.SKIPPED: ("-", "yellow", "skipped"),
}


class RunProgress:
    """Listener of a run. Without a terminal it prints the finished lines only."""

    def __init__(self) -> None:
        self._screen = Screen(stderr=True)
        self._status: Status | None = None
        self.reused: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def started(self, control: Control[Any], /) -> None:
        """Show that the control works."""
        self._stop()
        if self._screen.is_terminal:
            self._status = self._screen.status(f"{control.stage}: {control.id} …")
            self._status.start()

    def finished(self, evidence: Evidence, reused: bool, /) -> None:
        """Print one line about the evidence."""
        self._stop()
        if reused:
            self.reused.append(evidence.control.id)
        mark, style, word = MARKS[evidence.outcome]
        cost = "reused" if reused else f"{evidence.price.wall_s:.1f} s"
        self._screen.print(Text.assemble((f"{mark} {word:<8}", style), f"{evidence.control.id:<26}", (cost, "dim")))

    def _stop(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None
