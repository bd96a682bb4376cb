"""The learning curve: how good the model is on what it learnt from and on the holdout, by rows learnt from."""

import msgspec

from secmlops.report import figures
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.charts.plot import HEIGHT, MARK, WIDTH, Axis, Plot, legend
from secmlops.report.charts.scale import bounds
from secmlops.report.charts.svg import Drawing

TITLE = "Would more data help?"
METRICS = {"auc": "area under the ROC curve", "r2": "R squared"}


class Score(msgspec.Struct, frozen=True):
    """The metric of a model fitted on so many rows."""

    rows: int
    train: float
    holdout: float


class Curve(msgspec.Struct, frozen=True):
    """The product ``curve`` of ``assurance.fit``."""

    metric: str
    points: list[Score]


def learning_curve(product: bytes | None) -> Picture:
    """Draw the product ``curve``; a single point is no curve."""
    if product is None:
        return undrawn(TITLE, "Over- and underfitting have not been measured.")
    try:
        curve = msgspec.json.decode(product, type=Curve)
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored learning curve cannot be read, and is not drawn.")
    points = [p for p in curve.points if p.rows > 0]
    if len(points) < 2:
        return undrawn(TITLE, "Training measured no learning curve, so whether more data would help is not known.")
    caption = (
        "A wide gap between the two lines means that the model learnt its training rows by heart (overfitting). "
        "Lines that have met and lie flat mean that more rows of the same kind would add little."
    )
    rows = tuple((figures.count(p.rows), figures.score(p.train), figures.score(p.holdout)) for p in points)
    return Picture(TITLE, _draw(curve.metric, points), caption, ("training rows", "training", "holdout"), rows)


def _draw(metric: str, points: list[Score]) -> str:
    values = [v for p in points for v in (p.train, p.holdout)]
    last = points[-1]
    told = f"With {last.rows} rows: {last.train:.3f} on the training rows, {last.holdout:.3f} on the holdout."
    drawing = Drawing("curve", (WIDTH, HEIGHT), TITLE, told)
    rows = [p.rows for p in points]
    x = Axis(min(rows) * 0.95, max(rows) * 1.05, "rows learnt from (logarithmic)", log=True)
    plot = Plot(drawing, x, Axis(*bounds(min(values), max(values)), METRICS.get(metric, metric)))
    plot.learnt([(p.rows, p.train) for p in points])
    held = [plot.at(p.rows, p.holdout) for p in points]
    drawing.path(held, kind="one-line")
    for place in held:
        drawing.dot(place, MARK, kind="one")
    legend(drawing)
    return drawing.svg()
