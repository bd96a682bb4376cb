"""The reliability diagram: what was predicted against what came true, with intervals."""

import msgspec

from secmlops.core.task import Task
from secmlops.report import figures
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.charts.plot import HEIGHT, WIDTH, Axis, Plot
from secmlops.report.charts.scale import bounds
from secmlops.report.charts.svg import Drawing

TITLE = "Do predictions come true?"


class Bin(msgspec.Struct, frozen=True):
    """Rows of similar prediction: mean prediction, mean outcome with its interval, and how many."""

    predicted: float
    observed: float
    low: float
    high: float
    rows: int


class Diagram(msgspec.Struct, frozen=True):
    """The product ``reliability`` of ``assurance.calibration``."""

    task: Task
    bins: list[Bin]


def reliability(product: bytes | None) -> Picture:
    """Draw the product ``reliability``."""
    if product is None:
        return undrawn(TITLE, "Calibration has not been measured.")
    try:
        diagram = msgspec.json.decode(product, type=Diagram)
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored diagram cannot be read, and is not drawn.")
    if not diagram.bins:
        return undrawn(TITLE, "The stored diagram has no bins.")
    classes = diagram.task.is_classification
    caption = (
        "Each point is a group of rows with a similar prediction. On the dashed line predictions come true exactly; "
        "below it they promise too much, above it too little. Whiskers are the interval of what was observed."
    )
    heads = ("predicted", "came true", "interval from", "to", "rows") if classes else _QUANTITIES
    write = figures.score if classes else figures.number
    rows = tuple((*(write(v) for v in (b.predicted, b.observed, b.low, b.high)), str(b.rows)) for b in diagram.bins)
    return Picture(TITLE, _draw(diagram.bins, classes), caption, heads, rows)


_QUANTITIES = ("predicted", "observed", "interval from", "to", "rows")


def _draw(bins: list[Bin], classes: bool) -> str:
    values = [v for b in bins for v in (b.predicted, b.low, b.high)]
    low, high = bounds(0.0 if classes else min(values), max(values))
    high = min(high, 1.0) if classes else high
    told = f"{len(bins)} groups of rows; the largest gap is {max(abs(b.predicted - b.observed) for b in bins):.3f}."
    drawing = Drawing("reliability", (WIDTH, HEIGHT), TITLE, told)
    unit = "probability" if classes else "value"
    plot = Plot(drawing, Axis(low, high, f"mean predicted {unit}"), Axis(low, high, "observed on the holdout"))
    drawing.line(plot.at(low, low), plot.at(high, high), kind="ideal")
    drawing.path([plot.at(b.predicted, b.observed) for b in bins], kind="thin one-line")
    for b in bins:
        drawing.line(plot.at(b.predicted, b.low), plot.at(b.predicted, b.high), kind="whisker")
        drawing.dot(plot.at(b.predicted, b.observed), 4, kind="one")
    return drawing.svg()
