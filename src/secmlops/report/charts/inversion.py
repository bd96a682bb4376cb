"""How near pictures of a class, taken from the model's answers, come to those it learned from."""

import msgspec

from secmlops.report import figures
from secmlops.report.charts.bars import Bar, bar_chart
from secmlops.report.charts.picture import Picture, undrawn

TITLE = "Can those of a class be pictured?"
_MOST = 6


class Reconstructed(msgspec.Struct, frozen=True):
    """One class of the product ``reconstructed`` of ``assurance.inversion``."""

    name: str = msgspec.field(name="class")
    distance: float
    public_distance: float


def inversion(product: bytes | None) -> Picture:
    """Draw the product ``reconstructed`` of ``assurance.inversion``."""
    if product is None:
        return undrawn(TITLE, "Whether the model gives away what those of a class are like has not been measured.")
    try:
        classes = msgspec.json.decode(product, type=list[Reconstructed])
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored distances cannot be read, and are not drawn.")
    if not classes:
        return undrawn(TITLE, "No class was reconstructed.")
    caption = (
        "How far a picture of each class is from those learned from, in standard deviations a column (short is near): "
        "reconstructed from the model's answers, and, hatched, the mean of rows of the class that are public anyway. "
        "The model gives something away where the full bar is the shorter one."
    )
    bars = [bar for one in classes[:_MOST] for bar in _bars(one)]
    rows = tuple((one.name, figures.score(one.distance), figures.score(one.public_distance)) for one in classes)
    svg = bar_chart("inversion", TITLE, bars, figures.score)
    return Picture(TITLE, svg, caption, ("class", "from the model", "public rows"), rows)


def _bars(one: Reconstructed) -> tuple[Bar, Bar]:
    return Bar(f"{one.name}, from the model", max(one.distance, 0)), Bar(
        "public rows", max(one.public_distance, 0), True
    )
