"""The price of poison: what is lost, and how surely a trigger works, by the percent of rows that are poisoned."""

import msgspec

from secmlops.report import figures
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.charts.plot import HEIGHT, TOP, WIDTH, Axis, Plot
from secmlops.report.charts.svg import Drawing

TITLE = "What would poison buy?"
_MARK = 4.0
_LOOKS = {"trigger": "one-line", "targeted": "two-line", "random": "thin one-line"}


class Point(msgspec.Struct, frozen=True):
    """Mean over the repetitions at so many percent of the rows, with its interval."""

    percent: float
    mean: float
    low: float
    high: float


class Price(msgspec.Struct, frozen=True):
    """The product ``price`` of ``assurance.poison_price``."""

    kind: str
    losses: dict[str, list[Point]]
    trigger: list[Point]


def poison_price(product: bytes | None) -> Picture:
    """Draw the product ``price`` of ``assurance.poison_price``."""
    if product is None:
        return undrawn(TITLE, "What poisoned training rows would do has not been measured.")
    try:
        found = msgspec.json.decode(product, type=Price)
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored prices cannot be read, and are not drawn.")
    curves = {"trigger": found.trigger, **found.losses}
    if any(len(points) != len(found.trigger) for points in curves.values()) or not found.trigger:
        return undrawn(TITLE, "The stored prices do not fit together, and are not drawn.")
    caption = (
        f"Models like this one ({found.kind}), learned from rows of which some percent are poisoned: the full line is "
        "the share of rows of other classes that a planted trigger turns, the dashed one the balanced accuracy lost to "
        "flipped labels of the rarest class, the thin one that lost to labels flipped at random."
    )
    columns = ("poisoned rows", *(_named(name) for name in curves))
    rows = tuple(
        (f"{figures.number(point.percent)} %", *(_cell(points[place]) for points in curves.values()))
        for place, point in enumerate(found.trigger)
    )
    return Picture(TITLE, _draw(curves), caption, columns, rows)


def _draw(curves: dict[str, list[Point]]) -> str:
    last = {name: points[-1] for name, points in curves.items()}
    percent = figures.number(last["trigger"].percent)
    told = "; ".join(f"{_named(name)} {figures.share(point.mean)}" for name, point in last.items())
    drawing = Drawing("poison-price", (WIDTH, HEIGHT), TITLE, f"At {percent} percent: {told}.")
    x = Axis(0.0, last["trigger"].percent * 1.02, "percent of the training rows that are poisoned")
    low = min(0.0, *(point.mean for points in curves.values() for point in points))
    plot = Plot(drawing, x, Axis(low, 1.0, "share of rows turned, or of accuracy lost"))
    for name, points in curves.items():
        line = [plot.at(point.percent, point.mean) for point in points]
        drawing.path(line, kind=_LOOKS.get(name, "thin one-line"))
        for point, place in zip(points, line, strict=True):
            drawing.line(plot.at(point.percent, point.low), plot.at(point.percent, point.high), kind="whisker")
            drawing.dot(place, _MARK, kind="one")
    drawing.text((WIDTH - 160, TOP - 16), "full line: trigger", kind="label")
    return drawing.svg()


def _cell(point: Point) -> str:
    return f"{figures.share(point.mean)} ({figures.share(point.low)} to {figures.share(point.high)})"


def _named(name: str) -> str:
    return {"trigger": "trigger works", "random": "lost, random flips", "targeted": "lost, targeted flips"}.get(
        name, name
    )
