"""Bars: amounts side by side, and one whole divided into parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from secmlops.core.visible import shortened
from secmlops.report.charts.scale import Scale
from secmlops.report.charts.svg import Drawing

_WIDTH, _ROW, _BAR, _TOP = 560.0, 24.0, 14.0, 10.0
_LABEL, _VALUE = 194.0, 76.0
_LABEL_LENGTH = 26
_LETTER = 7.2
LOOKS = ("one", "hatch", "none")
"""Fills that are told apart without colour: full, hatched, empty."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An amount of 0 or more under a label; ``second`` bars are hatched."""

    label: str
    amount: float
    second: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """A whole in up to three parts, under a label."""

    label: str
    amounts: tuple[float, ...]


def bar_chart(key: str, title: str, bars: Sequence[Bar], write: Callable[[float], str]) -> str:
    """Draw horizontal bars from zero, each with its value written beside it."""
    told = "; ".join(f"{bar.label} {write(bar.amount)}" for bar in bars)
    drawing = Drawing(key, (_WIDTH, _TOP + _ROW * len(bars) + 4), title, told)
    scale = Scale(0, max((bar.amount for bar in bars), default=1) or 1, _LABEL, _WIDTH - _VALUE)
    for number, bar in enumerate(bars):
        y = _TOP + _ROW * number
        drawing.text((_LABEL - 10, y + 12), shortened(bar.label, _LABEL_LENGTH), kind="label", anchor="end")
        width = max(scale(bar.amount) - _LABEL, 1.0)
        fill = {"fill": drawing.hatching()} if bar.second else {}
        drawing.box((_LABEL, y), (width, _BAR), kind="hatch" if bar.second else "one", **fill)
        drawing.text((_LABEL + width + 8, y + 12), write(bar.amount), kind="tick")
    drawing.line((_LABEL, _TOP - 4), (_LABEL, _TOP + _ROW * len(bars)), kind="axis")
    return drawing.svg()


def part_chart(
    key: str, title: str, wholes: Sequence[Parts], names: Sequence[str], write: Callable[[float], str]
) -> str:
    """Draw each whole as one bar of equal length, divided into its parts, which are called ``names``."""
    told = "; ".join(_told(whole, names, write) for whole in wholes)
    top = _TOP + 26
    drawing = Drawing(key, (_WIDTH, top + 2 * _ROW * len(wholes)), title, told)
    _part_legend(drawing, names)
    for number, whole in enumerate(wholes):
        _draw_parts(drawing, whole, top + 2 * _ROW * number, write)
    return drawing.svg()


def _told(whole: Parts, names: Sequence[str], write: Callable[[float], str]) -> str:
    amounts = (f"{name} {write(amount)}" for name, amount in zip(names, whole.amounts, strict=True))
    return f"{whole.label}: {', '.join(amounts)}"


def _draw_parts(drawing: Drawing, whole: Parts, y: float, write: Callable[[float], str]) -> None:
    scale = Scale(0, sum(whole.amounts) or 1, _LABEL, _WIDTH - 20)
    drawing.text((_LABEL - 10, y + 12), shortened(whole.label, _LABEL_LENGTH), kind="label", anchor="end")
    reached, free = 0.0, 0.0
    for amount, look in zip(whole.amounts, LOOKS, strict=False):
        if amount:
            start, end = scale(reached), scale(reached + amount)
            fill = {"fill": drawing.hatching()} if look == "hatch" else {}
            drawing.box((start, y), (end - start, _BAR + 2), kind=look, **fill)
            words = write(amount)
            half = _LETTER * len(words) / 2
            middle = max((start + end) / 2, free + half)
            drawing.text((middle, y + _BAR + 16), words, kind="tick", anchor="middle")
            free = middle + half + _LETTER
        reached += amount


def _part_legend(drawing: Drawing, names: Sequence[str]) -> None:
    x = _LABEL
    for name, look in zip(names, LOOKS, strict=False):
        fill = {"fill": drawing.hatching()} if look == "hatch" else {}
        drawing.box((x, _TOP - 4), (14, 12), kind=look, **fill)
        drawing.text((x + 20, _TOP + 6), name, kind="tick")
        x += 44 + _LETTER * len(name)
