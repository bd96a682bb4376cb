"""Patches: where in an image the pixels of a suspected trigger lie."""

from collections.abc import Sequence
from dataclasses import dataclass

from secmlops.report.charts.svg import Drawing

_SIDE, _GAP, _TOP, _WORDS = 150.0, 36.0, 8.0, 22.0
_ACROSS = 3


@dataclass(frozen=True, slots=True)
class Patch:
    """Pixels, as (row, column) from 0, of an image of ``grid`` rows and columns, under a label."""

    label: str
    grid: tuple[int, int]
    pixels: Sequence[tuple[int, int]]


def patch_drawing(key: str, title: str, patches: Sequence[Patch]) -> str:
    """Draw the first three images beside one another, each a frame in which the pixels of the patch are full."""
    drawn = patches[:_ACROSS]
    told = "; ".join(f"{one.label}: {_told(one)}" for one in drawn)
    drawing = Drawing(key, ((_SIDE + _GAP) * len(drawn), _TOP + _SIDE + _WORDS), title, told)
    for number, one in enumerate(drawn):
        left = _GAP / 2 + (_SIDE + _GAP) * number
        cell = _SIDE / max(one.grid)
        rows, columns = one.grid
        drawing.box((left, _TOP), (cell * columns, cell * rows), kind="none")
        for row, column in one.pixels:
            drawing.box((left + cell * column, _TOP + cell * row), (cell, cell), kind="one")
        drawing.text((left, _TOP + _SIDE + _WORDS - 6), one.label, kind="tick")
    return drawing.svg()


def _told(patch: Patch) -> str:
    rows = sorted({row + 1 for row, _ in patch.pixels})
    columns = sorted({column + 1 for _, column in patch.pixels})
    return f"rows {rows[0]} to {rows[-1]}, columns {columns[0]} to {columns[-1]}" if rows else "no pixel"
