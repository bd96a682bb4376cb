"""A drawing in SVG 1.1 for a web page: elements are built as a tree, so that every text in it is escaped."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from secmlops.core.visible import visible

Point = tuple[float, float]


class Drawing:
    """A picture of ``size`` (width, height) with a title and a description for those who do not see it.

    ``key`` begins every id in it and must be unique on the page. What is drawn takes its look from the page's style
    sheet by ``kind`` (the class); further attributes are given by keyword, underscores for hyphens.
    """

    def __init__(self, key: str, size: Point, title: str, description: str) -> None:
        self.key = key
        self.width, self.height = size
        attributes = {
            "viewBox": f"0 0 {_number(self.width)} {_number(self.height)}",
            "role": "img",
            "aria-labelledby": f"{key}-title {key}-desc",
            "class": "drawing",
        }
        self._root = Element("svg", attributes)
        self._label("title", title)
        self._label("desc", description)

    def line(self, start: Point, end: Point, **look: float | str) -> None:
        """Draw a straight line."""
        self._add("line", look, x1=start[0], y1=start[1], x2=end[0], y2=end[1])

    def box(self, corner: Point, size: Point, **look: float | str) -> None:
        """Draw a rectangle from its upper left corner."""
        self._add("rect", look, x=corner[0], y=corner[1], width=max(size[0], 0), height=max(size[1], 0))

    def dot(self, centre: Point, radius: float, **look: float | str) -> None:
        """Draw a circle."""
        self._add("circle", look, cx=centre[0], cy=centre[1], r=radius)

    def path(self, points: Sequence[Point], *, closed: bool = False, **look: float | str) -> None:
        """Draw a line through all points, or the shape that they enclose."""
        places = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        self._add("polygon" if closed else "polyline", look, points=places)

    def text(self, place: Point, words: str, **look: float | str) -> None:
        """Write ``words`` with their baseline at ``place``; ``anchor`` is start, middle or end."""
        turned = look.pop("turned", None)
        if turned is not None:
            look["transform"] = f"rotate({turned} {_number(place[0])} {_number(place[1])})"
        if "anchor" in look:
            look["text_anchor"] = look.pop("anchor")
        self._add("text", look, x=place[0], y=place[1]).text = visible(words)

    def hatching(self) -> str:
        """Fill of slanted lines, so that an area is told apart without colour; give it as ``fill``."""
        name = f"{self.key}-hatch"
        if self._root.find("defs") is None:
            frame = {"id": name, "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
            pattern = SubElement(SubElement(self._root, "defs"), "pattern", frame | {"patternTransform": "rotate(45)"})
            SubElement(pattern, "rect", {"width": "6", "height": "6", "class": "hatch-ground"})
            SubElement(pattern, "rect", {"width": "2.5", "height": "6", "class": "hatch-line"})
        return f"url(#{name})"

    def svg(self) -> str:
        """Return the markup: safe to put into a page as it is."""
        return tostring(self._root, encoding="unicode")

    def _label(self, tag: str, words: str) -> None:
        SubElement(self._root, tag, {"id": f"{self.key}-{tag}"}).text = visible(words)

    def _add(self, tag: str, look: dict[str, float | str], **shape: float | str) -> Element:
        given = {("class" if name == "kind" else name.replace("_", "-")): value for name, value in look.items()}
        return SubElement(self._root, tag, {n: _attribute(v) for n, v in {**shape, **given}.items()})


def _attribute(value: float | str) -> str:
    return value if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
