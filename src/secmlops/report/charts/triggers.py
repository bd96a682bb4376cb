"""Suspected triggers: for each class the pattern that turns most rows beyond what honest models turn."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from secmlops.report import figures
from secmlops.report.charts.bars import Bar, bar_chart
from secmlops.report.charts.patch import Patch, patch_drawing
from secmlops.report.charts.picture import Picture, undrawn

TITLE = "Is there a back door?"
Positive = Annotated[int, msgspec.Meta(ge=1)]


class Suspect(msgspec.Struct, frozen=True):
    """The most suspicious pattern of a class, by number: its columns with values, and what it does.

    Of an image, of ``grid`` rows and columns, also the ``pixels`` by row and column.
    """

    values: Mapping[str, float | str | None]
    success: float
    explained: float
    anomaly: float
    trigger: bool
    number: int = msgspec.field(name="class")
    grid: tuple[Positive, Positive] | None = None
    pixels: tuple[tuple[int, int], ...] = ()


def triggers(product: bytes | None) -> Picture:
    """Draw the product ``suspects`` of ``assurance.backdoor``; values are not told, only columns."""
    if product is None:
        return undrawn(TITLE, "Triggers have not been searched for.")
    try:
        suspects = msgspec.json.decode(product, type=list[Suspect])
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored search cannot be read, and is not drawn.")
    if not suspects:
        return undrawn(TITLE, "No pattern of few columns turned most rows of other classes to one class.")
    pictured = [
        Patch(f"class {one.number + 1}: {figures.share(one.success)}", one.grid, one.pixels)
        for one in suspects
        if one.grid
    ]
    svg = patch_drawing("triggers", TITLE, pictured) if pictured else _bars(suspects)
    caption = (
        "Rows of other classes that the most suspicious pattern turns to each class, and how many of them models turn "
        "that learned from honest rows: where both do, a strong column explains it."
    )
    if pictured:
        caption += " Drawn is where in the image the patches lie."
    columns = ("class", "columns", "turned", "by honest models", "anomaly", "verdict")
    rows = tuple(
        (
            str(one.number + 1),
            ", ".join(one.values),
            figures.share(one.success),
            figures.share(one.explained),
            figures.number(round(one.anomaly, 1)),
            "trigger" if one.trigger else "explained",
        )
        for one in suspects
    )
    return Picture(TITLE, svg, caption, columns, rows)


def _bars(suspects: Sequence[Suspect]) -> str:
    bars = [
        bar
        for one in suspects
        for bar in (
            Bar(f"class {one.number + 1}, this model", one.success),
            Bar(f"class {one.number + 1}, honest models", one.explained, second=True),
        )
    ]
    return bar_chart("triggers", TITLE, bars, figures.share)
