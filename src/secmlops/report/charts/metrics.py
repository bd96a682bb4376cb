"""Metrics as dots with whiskers: each with its interval, beside what a guess reaches and what the project requires."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secmlops.core.condition import Condition
from secmlops.core.evidence import Evidence
from secmlops.report import figures
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.charts.scale import Scale, bounds
from secmlops.report.charts.svg import Drawing, Point
from secmlops.report.measures import label_of

TITLE = "How good is the model?"
UNITLESS = ("auc", "average_precision", "accuracy", "balanced_accuracy", "precision", "recall", "f1", "brier", "r2")
CONTROL = "assurance.performance"
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 580.0, 188.0, 156.0, 34.0, 30.0


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    value: float
    low: float
    high: float
    guess: float | None
    required: Condition | None


def metrics(evidence: Evidence | None, require: Mapping[str, str]) -> Picture:
    """Draw the metrics without a unit that have an interval; ``require`` are the conditions of the release."""
    rows = (
        [_row(name, evidence, require) for name in UNITLESS if f"{name}_low" in evidence.measures] if evidence else []
    )
    if not rows:
        return undrawn(TITLE, "Performance has not been measured.")
    caption = (
        "Dots are measured on rows that the model never saw, whiskers are their bootstrap interval. The open diamond "
        "is what a guess reaches that knows only how frequent the classes are; the bar is what the release requires."
    )
    told = tuple(
        (
            label_of(r.name),
            figures.score(r.value),
            f"{figures.score(r.low)} to {figures.score(r.high)}",
            "" if r.guess is None else figures.score(r.guess),
            str(r.required or ""),
        )
        for r in rows
    )
    return Picture(TITLE, _draw(rows), caption, ("metric", "value", "interval", "a guess", "required"), told)


def _row(name: str, evidence: Evidence, require: Mapping[str, str]) -> _Row:
    m = evidence.measures
    required = require.get(f"{CONTROL}.{name}")
    return _Row(
        name,
        m[name],
        m[f"{name}_low"],
        m[f"{name}_high"],
        m.get(f"baseline_{name}"),
        Condition.parse(required) if required else None,
    )


def _draw(rows: Sequence[_Row]) -> str:
    height = _TOP + _ROW * len(rows) + 30
    told = "; ".join(f"{label_of(r.name)} {r.value:.3f} ({r.low:.3f} to {r.high:.3f})" for r in rows)
    drawing = Drawing("metrics", (_WIDTH, height), TITLE, told)
    low = bounds(min(0.0, *(r.low for r in rows)), 1.0)[0]
    scale = Scale(low, 1.0, _LEFT, _WIDTH - _RIGHT)
    floor = _TOP + _ROW * len(rows)
    for tick in scale.ticks():
        drawing.line((scale(tick), _TOP), (scale(tick), floor), kind="grid")
        drawing.text((scale(tick), floor + 18), scale.written(tick), kind="tick", anchor="middle")
    for number, row in enumerate(rows):
        _draw_row(drawing, scale, row, _TOP + _ROW * (number + 0.5))
    _legend(drawing)
    return drawing.svg()


def _draw_row(drawing: Drawing, scale: Scale, row: _Row, y: float) -> None:
    drawing.text((_LEFT - 12, y + 4), label_of(row.name), kind="label", anchor="end")
    if row.guess is not None:
        _diamond(drawing, (scale(row.guess), y))
    if row.required is not None:
        _bar(drawing, (scale(row.required.bound), y))
    drawing.line((scale(row.low), y), (scale(row.high), y), kind="whisker")
    for end in (row.low, row.high):
        drawing.line((scale(end), y - 4), (scale(end), y + 4), kind="whisker")
    drawing.dot((scale(row.value), y), 5, kind="one")
    words = f"{row.value:.3f} ({row.low:.3f} to {row.high:.3f})"
    drawing.text((_WIDTH - _RIGHT + 12, y + 4), words, kind="tick")


def _legend(drawing: Drawing) -> None:
    y = _TOP - 20
    drawing.dot((_LEFT, y), 5, kind="one")
    drawing.text((_LEFT + 10, y + 4), "measured", kind="tick")
    _diamond(drawing, (_LEFT + 92, y))
    drawing.text((_LEFT + 103, y + 4), "a guess", kind="tick")
    _bar(drawing, (_LEFT + 172, y))
    drawing.text((_LEFT + 181, y + 4), "required", kind="tick")


def _diamond(drawing: Drawing, place: Point) -> None:
    x, y = place
    drawing.path([(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)], closed=True, kind="open")


def _bar(drawing: Drawing, place: Point) -> None:
    x, y = place
    drawing.box((x - 2, y - 9), (4, 18), kind="two")
