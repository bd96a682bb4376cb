from xml.etree.ElementTree import fromstring

import pytest

from secmlops.report.charts.bars import Bar, Parts, bar_chart, part_chart


def boxes(svg: str, kind: str) -> list[float]:
    return [float(e.attrib["width"]) for e in fromstring(svg).findall("rect") if e.attrib.get("class") == kind]


def test_bars_are_as_long_as_their_amounts() -> None:
    svg = bar_chart("k", "t", [Bar("a", 10), Bar("b", 5), Bar("c", 0)], str)
    long, half, least = boxes(svg, "one")
    assert long == pytest.approx(2 * half)
    assert least == 1


def test_a_second_bar_is_told_apart_without_colour() -> None:
    svg = bar_chart("k", "t", [Bar("a", 10), Bar("b", 5, second=True)], str)
    assert 'fill="url(#k-hatch)"' in svg
    assert len(boxes(svg, "hatch")) == 1


def test_bars_of_nothing() -> None:
    assert boxes(bar_chart("k", "t", [Bar("a", 0.0)], str), "one") == [1]
    assert "<svg" in bar_chart("k", "t", [], str)


def test_parts_fill_the_whole() -> None:
    svg = part_chart("k", "t", [Parts("w", (1, 3))], ("p", "q"), str)
    (first,), (second,) = [w for w in boxes(svg, "one") if w != 14], [w for w in boxes(svg, "hatch") if w != 14]
    assert second == pytest.approx(3 * first, rel=1e-3)


def test_an_empty_part_is_left_out_and_labels_do_not_meet() -> None:
    svg = part_chart("k", "t", [Parts("w", (1, 0, 500)), Parts("v", (2, 1, 500))], ("p", "q", "r"), str)
    texts = [e for e in fromstring(svg).findall("text") if e.attrib.get("text-anchor") == "middle"]
    assert [e.text for e in texts] == ["1", "500", "2", "1", "500"]
    assert float(texts[3].attrib["x"]) - float(texts[2].attrib["x"]) > 10
    assert "w: p 1, q 0, r 500" in svg


def test_a_label_is_shortened_and_escaped() -> None:
    svg = bar_chart("k", "t", [Bar("<i>" + "x" * 60, 1)], str)
    assert "<i>" not in svg
    assert "…" in svg
