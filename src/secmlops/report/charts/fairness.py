"""Groups of people side by side: whom the model calls an event, and whom among the true events it finds."""

import msgspec

from secmlops.report import figures
from secmlops.report.charts.bars import Bar, bar_chart
from secmlops.report.charts.picture import Picture, undrawn

TITLE = "Are groups treated alike?"
_SHARES = ("selection", "tpr")


class Column(msgspec.Struct, frozen=True):
    """One sensitive column of the product ``fairness`` of ``assurance.fairness``: rates of each group, by name."""

    column: str
    groups: list[str]
    rows: list[int]
    rates: dict[str, list[float | None]]

    def __post_init__(self) -> None:
        lengths = {len(self.rows), *map(len, self.rates.values())}
        if lengths != {len(self.groups)}:
            raise ValueError("not one number for each group")  # msgspec makes it its own error


def fairness(product: bytes | None) -> Picture:
    """Draw the product ``fairness``."""
    if product is None:
        return undrawn(TITLE, "No groups have been compared: name the columns under data.sensitive.")
    try:
        columns = msgspec.json.decode(product, type=list[Column])
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored comparison cannot be read, and is not drawn.")
    drawn = [name for name in _SHARES if any(name in one.rates for one in columns)]
    bars = [bar for one in columns for place in range(len(one.groups)) for bar in _bars(one, place, drawn)]
    if not bars:
        return undrawn(TITLE, "Groups were compared by their mean predictions only: see the measures below.")
    caption = (
        "For each group the share that the model calls an event and, hatched, the share of true events that it finds. "
        "Groups too small to compare are left out."
    )
    heads = ("column", "group", "rows", *(_HEADS[name] for name in drawn))
    rows = tuple(
        (one.column, group, figures.count(one.rows[place]), *(_written(one, name, place) for name in drawn))
        for one in columns
        for place, group in enumerate(one.groups)
    )
    return Picture(TITLE, bar_chart("fairness", TITLE, bars, figures.share), caption, heads, rows)


_HEADS = {"selection": "called an event", "tpr": "of true events found"}


def _bars(one: Column, place: int, drawn: list[str]) -> list[Bar]:
    label = f"{one.column}: {one.groups[place]}"
    shares = [(name, one.rates[name][place]) for name in drawn if name in one.rates]
    return [Bar("" if name == "tpr" else label, share, name == "tpr") for name, share in shares if share is not None]


def _written(one: Column, name: str, place: int) -> str:
    share = one.rates.get(name, [None] * len(one.groups))[place]
    return "not known" if share is None else figures.share(share)
