"""The chain: project, data, protected data, model, release and checkpoint, each with its digest and how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from secmlops.report.charts.svg import Drawing, Point
from secmlops.report.marks import Mark

TITLE = "The chain from the project to the ledger"
_BOX: Point = (142.0, 88.0)
_GAP = 22.0
_EDGE = 8.0


@dataclass(frozen=True, slots=True)
class Link:
    """One thing of the chain: its name, its short digest (empty where it is not there), and its mark."""

    name: str
    digest: str
    mark: Mark


def chain(links: Sequence[Link], *, down: bool = False) -> str:
    """Draw the chain from left to right, or ``down`` for narrow pages."""
    count = len(links)
    long, short = (_BOX[1], _BOX[0] * 1.8) if down else _BOX
    length = count * long + (count - 1) * _GAP + 2 * _EDGE
    size = (short + 2 * _EDGE, length) if down else (length, short + 2 * _EDGE)
    told = "; ".join(f"{link.name} {link.digest or 'absent'}: {link.mark.word}" for link in links)
    drawing = Drawing("chain-down" if down else "chain", size, TITLE, told)
    for number, link in enumerate(links):
        along = _EDGE + number * (long + _GAP)
        corner = (_EDGE, along) if down else (along, _EDGE)
        box = (short, long) if down else (long, short)
        _draw_link(drawing, link, corner, box)
        if number:
            _arrow(drawing, along, (short / 2 + _EDGE), down=down)
    return drawing.svg()


def _draw_link(drawing: Drawing, link: Link, corner: Point, box: Point) -> None:
    drawing.box(corner, box, kind=f"link link-{link.mark.tone}", rx=8)
    middle = corner[0] + box[0] / 2
    drawing.text((middle, corner[1] + 25), link.name, kind="link-name", anchor="middle")
    drawing.text((middle, corner[1] + 47), link.digest or "—", kind="link-digest", anchor="middle")
    words = f"{link.mark.sign} {link.mark.word}"
    drawing.text((middle, corner[1] + 71), words, kind=f"link-mark tone-{link.mark.tone}", anchor="middle")


def _arrow(drawing: Drawing, end: float, across: float, *, down: bool) -> None:
    start, tip, back = end - _GAP + 4, end - 4, end - 12

    def place(along: float, aside: float = 0.0) -> Point:
        return (across + aside, along) if down else (along, across + aside)

    drawing.line(place(start), place(back), kind="arrow")
    drawing.path([place(back, -5), place(tip), place(back, 5)], closed=True, kind="arrow-head")
