from xml.etree.ElementTree import fromstring

from secmlops.report.charts.svg import Drawing


def test_every_text_is_escaped_and_visible() -> None:
    drawing = Drawing("d", (100, 50), "<script>", "a & b\u202e")
    drawing.text((1, 2), '</text><script>alert("x")</script>', kind="label")
    markup = drawing.svg()
    assert "<script" not in markup
    tree = fromstring(markup)
    assert [e.text for e in tree if e.tag in ("title", "desc", "text")] == [
        "<script>", "a & b[U+202E]", '</text><script>alert("x")</script>',
    ]  # fmt: skip


def test_an_attribute_cannot_be_left() -> None:
    drawing = Drawing("d", (1, 1), "t", "d")
    drawing.box((0, 0), (1, 1), kind='x" onload="alert(1)')
    assert [list(e.attrib) for e in fromstring(drawing.svg()) if e.tag == "rect"] == [
        ["x", "y", "width", "height", "class"]
    ]


def test_a_picture_has_a_role_a_title_and_a_description() -> None:
    tree = fromstring(Drawing("k", (100, 50.5), "what", "the words").svg())
    assert tree.attrib["role"] == "img"
    assert tree.attrib["aria-labelledby"] == "k-title k-desc"
    assert tree.attrib["viewBox"] == "0 0 100 50.5"
    assert {e.attrib["id"]: e.text for e in tree} == {"k-title": "what", "k-desc": "the words"}


def test_shapes() -> None:
    drawing = Drawing("k", (10, 10), "t", "d")
    drawing.line((0, 0), (1.005, 2), kind="grid")
    drawing.dot((1, 2), 3)
    drawing.path([(0, 0), (1, 1)])
    drawing.path([(0, 0), (1, 1), (2, 0)], closed=True)
    drawing.box((0, 0), (-1, 2), fill=drawing.hatching())
    drawing.text((1, 2), "up", turned=-90, anchor="middle")
    tree = fromstring(drawing.svg())
    assert [e.tag for e in tree][2:] == ["line", "circle", "polyline", "polygon", "defs", "rect", "text"]
    (box,), (words,) = tree.findall("rect"), tree.findall("text")
    assert (box.attrib["width"], box.attrib["fill"]) == ("0", "url(#k-hatch)")
    assert words.attrib["text-anchor"] == "middle"
    assert words.attrib["transform"] == "rotate(-90 1 2)"


def test_hatching_is_defined_once() -> None:
    drawing = Drawing("k", (10, 10), "t", "d")
    assert drawing.hatching() == drawing.hatching()
    assert len(fromstring(drawing.svg()).findall("defs")) == 1
