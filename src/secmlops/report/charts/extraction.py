"""The extraction curve: how well a copy agrees with the model, by how many queries it cost, as outputs are hardened."""

import msgspec

from secmlops.report import figures
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.charts.plot import HEIGHT, TOP, WIDTH, Axis, Plot
from secmlops.report.charts.svg import Drawing

TITLE = "What does a copy cost?"
UNCHANGED = "unchanged"
NOT_REACHED = "not reached"


class Point(msgspec.Struct, frozen=True):
    """Agreement of the copy after so many queries, with its interval."""

    queries: int
    agreement: float
    low: float
    high: float


class Curve(msgspec.Struct, frozen=True):
    """One setting of the outputs: the best copies, those of each thief, and the queries for a share, if they sufficed.

    Both by rising queries.
    """

    best: list[Point]
    thieves: dict[str, list[Point]]
    queries_for: dict[str, int | None]

    def __post_init__(self) -> None:
        if not self.best or any(point.queries < 1 for point in self.best):
            raise ValueError("a curve has points, of 1 query or more")  # msgspec makes it its own error


def extraction(product: bytes | None) -> Picture:
    """Draw the product ``extraction`` of ``assurance.hardening``."""
    if product is None:
        return undrawn(TITLE, "What it takes to copy the model has not been measured.")
    try:
        curves = msgspec.json.decode(product, type=dict[str, Curve])
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored extraction curves cannot be read, and are not drawn.")
    if UNCHANGED not in curves:
        return undrawn(TITLE, "No curve for unchanged outputs was stored.")
    plain = curves[UNCHANGED]
    thieves = ", ".join(
        f"{name} {figures.share(points[-1].agreement)}" for name, points in plain.thieves.items() if points
    )
    caption = (
        "Rows on which the best stolen copy says what the model says, averaged over the classes (a quantity: R squared)"
        f"; bars are intervals. The full line is of unchanged outputs, where the thieves end at {thieves}; thin lines "
        f"are of hardened ones. {NOT_REACHED.capitalize()} means: not with the queries tried."
    )
    columns = ("outputs", "queries", "agreement", "interval", *(f"for {_percent(n)}" for n in plain.queries_for))
    return Picture(TITLE, _draw(curves), caption, columns, tuple(_row(*named) for named in curves.items()))


def _row(name: str, curve: Curve) -> tuple[str, ...]:
    last = curve.best[-1]
    needed = (figures.count(queries) if queries is not None else NOT_REACHED for queries in curve.queries_for.values())
    interval = f"{figures.share(last.low)} to {figures.share(last.high)}"
    return (_named(name), figures.count(last.queries), figures.share(last.agreement), interval, *needed)


def _draw(curves: dict[str, Curve]) -> str:
    plain, last = curves[UNCHANGED].best, curves[UNCHANGED].best[-1]
    told = f"{figures.count(last.queries)} queries of unchanged outputs buy {figures.share(last.agreement)} agreement."
    drawing = Drawing("extraction", (WIDTH, HEIGHT), TITLE, told)
    asked = [point.queries for curve in curves.values() for point in curve.best]
    x = Axis(min(asked) * 0.9, max(asked) * 1.1, "queries (logarithmic)", log=True)
    lowest = min(point.low for point in plain)
    plot = Plot(drawing, x, Axis(0.5 if lowest >= 0.5 else 0.0, 1.0, "agreement of the copy"))
    for name, curve in curves.items():
        if name != UNCHANGED:
            drawing.path([plot.at(point.queries, point.agreement) for point in curve.best], kind="thin one-line")
    plot.measured([(point.queries, point.agreement, point.low, point.high) for point in plain])
    drawing.text((WIDTH - 200, TOP - 16), "full line: unchanged outputs", kind="label")
    return drawing.svg()


def _named(name: str) -> str:
    return name.replace("_", " ")


def _percent(name: str) -> str:
    return f"{name.removesuffix('pct')} %"
