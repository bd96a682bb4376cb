"""The complexity curve: how good models like this one are with ever more capacity, and where this one stands."""

import msgspec

from secmlops.report import figures
from secmlops.report.charts.curve import METRICS
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.charts.plot import HEIGHT, LEFT, RIGHT, WIDTH, Axis, Plot, legend
from secmlops.report.charts.scale import bounds
from secmlops.report.charts.svg import Drawing

TITLE = "Is the model too simple, or too complex?"
_CAPACITIES = {"depth": "levels of each tree", "C": "C, the inverse of the penalty (logarithmic)"}
_SAID = {
    "too much": "A simpler model does better on the holdout: this one has too much capacity (overfitting).",
    "too little": "A richer model does better on the holdout: this one has too little capacity (underfitting).",
    "about right": "None of them does notably better than this one: its capacity is about right.",
}

Span = tuple[float, float, float]
"""A score with its interval."""


class Rung(msgspec.Struct, frozen=True):
    """Scores at one capacity."""

    at: float
    train: Span
    holdout: Span


class Model(msgspec.Struct, frozen=True):
    """Scores of the model itself, and what is said of it."""

    train: float
    holdout: float
    verdict: str


class Complexity(msgspec.Struct, frozen=True):
    """The product ``complexity`` of ``assurance.fit``."""

    kind: str
    capacity: str
    best: float
    metric: str
    model: Model
    points: list[Rung]

    def __post_init__(self) -> None:
        at = [rung.at for rung in self.points]
        if len(at) < 2 or at != sorted(set(at)) or at[0] <= 0:
            raise ValueError("a curve has two or more points, by rising capacity")  # msgspec makes it its own error


def complexity(product: bytes | None) -> Picture:
    """Draw the product ``complexity`` of ``assurance.fit``."""
    if product is None:
        return undrawn(TITLE, "No models of other capacities were tried beside this one.")
    try:
        found = msgspec.json.decode(product, type=Complexity)
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored complexity curve cannot be read, and is not drawn.")
    caption = (
        f"{_SAID.get(found.model.verdict, '')} The curves are of other models of its kind ({found.kind}), fitted for "
        "this on at most 2,000 rows; level dashes are the model itself, on training rows above and on the holdout "
        "below. Where the holdout still rises a model is too simple; where it falls while the training rows rise, too "
        "complex. Bars are intervals."
    ).strip()
    columns = (found.capacity, "training rows", "holdout", "interval")
    rows = [
        (figures.number(rung.at), figures.score(rung.train[0]), figures.score(rung.holdout[0]), _interval(rung.holdout))
        for rung in found.points
    ]
    own = ("this model", figures.score(found.model.train), figures.score(found.model.holdout), "")
    return Picture(TITLE, _draw(found), caption, columns, (*rows, own))


def _interval(span: Span) -> str:
    return f"{figures.score(span[1])} to {figures.score(span[2])}"


def _draw(found: Complexity) -> str:
    told = f"Best on the holdout at {found.capacity} {found.best:g}; the model's capacity is {found.model.verdict}."
    drawing = Drawing("complexity", (WIDTH, HEIGHT), TITLE, told)
    scores = [v for rung in found.points for v in (rung.train[0], *rung.holdout)]
    values = [*scores, found.model.train, found.model.holdout]
    log, ends = found.capacity == "C", (found.points[0].at, found.points[-1].at)
    x = Axis(ends[0] * 0.8, ends[1] * (1.25 if log else 1.02), _CAPACITIES.get(found.capacity, found.capacity), log=log)
    plot = Plot(drawing, x, Axis(*bounds(min(values), max(values)), METRICS.get(found.metric, found.metric)))
    for own in (found.model.train, found.model.holdout):
        height = plot.y(own)
        drawing.line((LEFT, height), (WIDTH - RIGHT, height), kind="ideal")
    plot.learnt([(rung.at, rung.train[0]) for rung in found.points])
    plot.measured([(rung.at, *rung.holdout) for rung in found.points])
    legend(drawing)
    return drawing.svg()
