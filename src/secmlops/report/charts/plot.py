"""A plane with two axes: grid, ticks, labels and titles, the same in every chart that has them."""

from collections.abc import Sequence
from dataclasses import dataclass

from secmlops.report.charts.scale import Scale
from secmlops.report.charts.svg import Drawing, Point

WIDTH, HEIGHT = 560.0, 360.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 18.0, 34.0, 52.0
MARK = 4.0
"""Radius of a dot, and half the side of a square."""

Measured = tuple[float, float, float, float]
"""Value on the lower axis, value on the other, and the interval of that one from low to high."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Bounds, title (with its unit) and whether values are spaced by ratio."""

    low: float
    high: float
    title: str
    log: bool = False


class Plot:
    """A drawing with axes; ``at`` gives the place of a pair of values."""

    def __init__(self, drawing: Drawing, x: Axis, y: Axis) -> None:
        self.drawing = drawing
        self.x = Scale(x.low, x.high, LEFT, drawing.width - RIGHT, x.log)
        self.y = Scale(y.low, y.high, drawing.height - BOTTOM, TOP, y.log)
        self._grid()
        self._titles(x.title, y.title)

    def at(self, x: float, y: float) -> Point:
        """Place of a pair of values."""
        return self.x(x), self.y(y)

    def measured(self, points: Sequence[Measured]) -> None:
        """Draw a full line through dots, with a bar at each for its interval."""
        for x, _, low, high in points:
            self.drawing.line(self.at(x, low), self.at(x, high), kind="whisker")
        line = [self.at(x, y) for x, y, _, _ in points]
        self.drawing.path(line, kind="one-line")
        for place in line:
            self.drawing.dot(place, MARK, kind="one")

    def learnt(self, points: Sequence[Point]) -> None:
        """Draw a dashed line through squares: what a model says of rows that it learnt from."""
        line = [self.at(x, y) for x, y in points]
        self.drawing.path(line, kind="two-line")
        for place in line:
            _square(self.drawing, place)

    def _grid(self) -> None:
        drawing, floor = self.drawing, self.y.start
        for tick in self.y.ticks():
            place = self.y(tick)
            drawing.line((self.x.start, place), (self.x.end, place), kind="grid")
            drawing.text((self.x.start - 7, place + 4), self.y.written(tick), kind="tick", anchor="end")
        for tick in self.x.ticks():
            place = self.x(tick)
            drawing.line((place, floor), (place, floor + 5), kind="axis")
            drawing.text((place, floor + 19), self.x.written(tick), kind="tick", anchor="middle")
        drawing.line((self.x.start, floor), (self.x.end, floor), kind="axis")

    def _titles(self, x: str, y: str) -> None:
        middle = (self.x.start + self.x.end) / 2
        self.drawing.text((middle, self.drawing.height - 10), x, kind="label", anchor="middle")
        self.drawing.text((LEFT - 52, TOP - 16), y, kind="label")


def legend(drawing: Drawing) -> None:
    """Say which line is of the holdout and which of the training rows, above the plane."""
    y = TOP - 20
    drawing.dot((340, y), MARK, kind="one")
    drawing.text((350, y + 4), "holdout", kind="label")
    _square(drawing, (422, y))
    drawing.text((432, y + 4), "training rows", kind="label")


def _square(drawing: Drawing, place: Point) -> None:
    x, y = place
    drawing.box((x - MARK, y - MARK), (2 * MARK, 2 * MARK), kind="two")
