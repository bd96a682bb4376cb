"""What should be reached, beside what was measured in the same run."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.box import MARKDOWN
from rich.table import Table


@dataclass(frozen=True)
class Bar:
    """A promise: ``value`` should be at most ``limit``, or at least where ``least``. NaN where it was not measured."""

    what: str
    value: float
    limit: float
    least: bool = False

    @property
    def verdict(self) -> str:
        """Whether it was kept."""
        if self.value != self.value:
            return "not measured"
        kept = self.value >= self.limit if self.least else self.value <= self.limit
        return "reached" if kept else "missed"


def table_of(bars: Iterable[Bar]) -> Table:
    """Each promise in a row of its own, within the width of what it is printed on."""
    shown = Table(box=MARKDOWN)
    shown.add_column("what was to be reached")
    for heading in ("bar", "measured"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("", no_wrap=True)
    for bar in bars:
        limit = f"{'at least' if bar.least else 'at most'} {bar.limit:g}"
        shown.add_row(bar.what, limit, f"{bar.value:.2f}" if bar.value < 100 else f"{bar.value:.0f}", bar.verdict)
    return shown
