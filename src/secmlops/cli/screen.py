"""The screen: what others wrote (columns, file names, findings) is shown on it, and can neither steer nor style it.

Control and bidirectional characters are spelled out; markup is off unless a line of ours asks for it.
"""

from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from secmlops.core.visible import visible

WIDTH = 100


class Screen(Console):
    """A console on which strings are shown as they are; styled text is handed in as rich Text."""

    def __init__(self, *, stderr: bool = False) -> None:
        probe = Console(stderr=stderr)
        width = None if probe.is_terminal and probe.width <= WIDTH else WIDTH
        super().__init__(stderr=stderr, highlight=False, markup=False, width=width)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print the objects; strings are made visible first."""
        super().print(*(visible(o) if isinstance(o, str) else o for o in objects), **options)


class Rows(Table):
    """A table whose cells show strings as they are."""

    def add_row(self, *renderables: RenderableType | None, **options: Any) -> None:
        """Add a row; strings are made visible, and their brackets are no markup."""
        super().add_row(*(Text(visible(r)) if isinstance(r, str) else r for r in renderables), **options)


def table(*columns: str) -> Rows:
    """Table with these columns: one look for every verb."""
    made = Rows(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def good(text: str) -> Text:
    """Return a line that begins with a green mark."""
    return Text.assemble(("✓ ", "green"), (visible(text), "green"))


def bad(text: str) -> Text:
    """Return a line that begins with a red mark."""
    return Text.assemble(("✗ ", "bold red"), (visible(text), "bold red"))
