"""The robustness curve: how many answers stay right, by what a change of a row may cost."""

import msgspec

from secmlops.report import figures
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.charts.plot import HEIGHT, TOP, WIDTH, Axis, Plot
from secmlops.report.charts.svg import Drawing

TITLE = "How little turns an answer?"
NORMS = {"l2": "root of the sum of squares", "linf": "largest single change"}


class Point(msgspec.Struct, frozen=True):
    """Share of rows that are right and stay so under changes of cost ``budget`` or less, with its interval."""

    budget: float
    robust: float
    low: float
    high: float


class Attempt(msgspec.Struct, frozen=True):
    """One attack: the share left at each budget, and why it was not run, if so."""

    name: str
    obstacle: str
    robust: list[float]
    queries: float


class Robustness(msgspec.Struct, frozen=True):
    """The product ``curve`` of ``assurance.evasion``."""

    norm: str
    points: list[Point]
    attacks: list[Attempt]


def robustness(product: bytes | None) -> Picture:
    """Draw the product ``curve`` of ``assurance.evasion``."""
    if product is None:
        return undrawn(TITLE, "How the model withstands changed rows has not been measured.")
    try:
        found = msgspec.json.decode(product, type=Robustness)
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored robustness curve cannot be read, and is not drawn.")
    if len(found.points) < 2:
        return undrawn(TITLE, "Robustness was measured at no budget.")
    tried = [attack for attack in found.attacks if not attack.obstacle]
    untried = [f"{attack.name} was not run: {attack.obstacle}" for attack in found.attacks if attack.obstacle]
    caption = (
        "Of rows that the model had right, how many stay right when someone changes them as the attacks found it. A "
        f"cost of 1 is one standard deviation of a number ({NORMS.get(found.norm, found.norm)}). Bars are intervals. A "
        "better attack can only lower the curve. " + ". ".join(untried)
    ).strip()
    columns = ("cost", "stay right", "interval", *(attack.name for attack in tried))
    rows = tuple(
        (
            figures.number(point.budget),
            figures.share(point.robust),
            f"{figures.share(point.low)} to {figures.share(point.high)}",
            *(figures.share(attack.robust[place]) for attack in tried if place < len(attack.robust)),
        )
        for place, point in enumerate(found.points)
    )
    return Picture(TITLE, _draw(found.points), caption, columns, rows)


def _draw(points: list[Point]) -> str:
    last = points[-1]
    told = f"As they are {points[0].robust:.0%} of rows are right; changed at cost {last.budget:g}, {last.robust:.0%}."
    drawing = Drawing("robustness", (WIDTH, HEIGHT), TITLE, told)
    x = Axis(0.0, last.budget * 1.02, "cost of the change")
    plot = Plot(drawing, x, Axis(0.0, 1.0, "share of rows that stay right"))
    plot.measured([(point.budget, point.robust, point.low, point.high) for point in points])
    drawing.text((WIDTH - 160, TOP - 16), "against all attacks tried", kind="label")
    return drawing.svg()
