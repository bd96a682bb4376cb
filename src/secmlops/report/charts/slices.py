"""Slices in which the model is worse than over all rows, as bars of their error."""

import msgspec

from secmlops.report import figures
from secmlops.report.charts.bars import Bar, bar_chart
from secmlops.report.charts.picture import Picture, undrawn

TITLE = "Where is the model worse?"


class Told(msgspec.Struct, frozen=True):
    """One slice of the product ``slices`` of ``assurance.slices``."""

    kind: str
    words: str
    rows: int
    share: float
    mean: float
    overall: float
    p_value: float


def slices(product: bytes | None) -> Picture:
    """Draw the product ``slices``."""
    if product is None:
        return undrawn(TITLE, "Slices have not been searched.")
    try:
        told = msgspec.json.decode(product, type=list[Told])
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored slices cannot be read, and are not drawn.")
    worse = [one for one in told if one.kind == "worse"]
    if not worse:
        return undrawn(TITLE, "No range of one column or two was found in which the model is worse than elsewhere.")
    bars = [Bar("all rows", worse[0].overall, second=True), *(Bar(one.words, one.mean) for one in worse)]
    caption = (
        "Mean error of the rows within each slice; hatched, that of all rows. Every range of one column and of two was "
        "counted; the last column bounds the chance that such a slice would show if rows were all alike."
    )
    heads = ("slice", "rows", "share", "error", "over all", "by chance, at most")
    rows = tuple(
        (
            one.words,
            figures.count(one.rows),
            figures.share(one.share),
            figures.score(one.mean),
            figures.score(one.overall),
            figures.number(one.p_value),
        )
        for one in worse
    )
    return Picture(TITLE, bar_chart("slices", TITLE, bars, figures.score), caption, heads, rows)
