"""A plane with two axes: grid, ticks, labels and titles, the same in every chart that has them."""

from dataclasses import dataclass

from secmlops.report.charts.scale import Scale
from secmlops.report.charts.svg import Drawing, Point

WIDTH, HEIGHT = 560.0, 360.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 18.0, 34.0, 52.0


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
