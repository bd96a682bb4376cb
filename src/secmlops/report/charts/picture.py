"""A picture and the same in words and numbers: nobody needs to see it to know what it says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart for the page.

    ``svg`` is markup, safe as it is; empty where there is nothing to draw, and ``caption`` then says why. ``rows`` are
    the drawn numbers under the headings ``columns``.
    """

    title: str
    svg: str
    caption: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def undrawn(title: str, why: str) -> Picture:
    """Picture that is not there, and why."""
    return Picture(title, "", why)
