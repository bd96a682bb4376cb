"""The learning curve: how good the model is on what it learnt from and on the holdout, by rows learnt from."""

import msgspec

from secmlops.report import figures
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.charts.plot import HEIGHT, TOP, WIDTH, Axis, Plot
from secmlops.report.charts.scale import bounds
from secmlops.report.charts.svg import Drawing, Point

TITLE = "Would more data help?"
METRICS = {"auc": "area under the ROC curve", "r2": "R squared"}
_MARK = 4.0


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
    trained = [plot.at(p.rows, p.train) for p in points]
    held = [plot.at(p.rows, p.holdout) for p in points]
    drawing.path(trained, kind="two-line")
    drawing.path(held, kind="one-line")
    for place in trained:
        _square(drawing, place)
    for place in held:
        drawing.dot(place, _MARK, kind="one")
    _legend(drawing)
    return drawing.svg()


def _legend(drawing: Drawing) -> None:
    y = TOP - 20
    drawing.dot((340, y), _MARK, kind="one")
    drawing.text((350, y + 4), "holdout", kind="label")
    _square(drawing, (422, y))
    drawing.text((432, y + 4), "training rows", kind="label")


def _square(drawing: Drawing, place: Point) -> None:
    x, y = place
    drawing.box((x - _MARK, y - _MARK), (2 * _MARK, 2 * _MARK), kind="two")
