"""The charts of attacks on a finished model: what a copy costs, what poison buys, whether there is a back door."""

import json
from collections.abc import Callable
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest

from secmlops.report.charts.extraction import extraction
from secmlops.report.charts.inversion import inversion
from secmlops.report.charts.picture import Picture
from secmlops.report.charts.poison_price import poison_price
from secmlops.report.charts.triggers import triggers

Chart = Callable[[bytes | None], Picture]
CHARTS = (extraction, poison_price, triggers)


def test_pictures_of_a_class_stand_beside_what_is_public() -> None:
    told = [{"class": "bad", "distance": 1.5, "public_distance": 0.25}]
    picture = inversion(json.dumps(told).encode())
    assert picture.rows == (("bad", "1.500", "0.250"),)
    assert "bad, from the model" in picture.svg
    for spoilt in (None, b"[]", b"{}", b"[{}]", b"\xff"):
        assert inversion(spoilt).svg == ""


def points(key: str, mean: str, *pairs: tuple[float, float]) -> list[dict[str, float]]:
    return [{key: at, mean: value, "low": value - 0.1, "high": value} for at, value in pairs]


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize(
    "product", [None, b"", b"{}", b"[]", b'[{"values":1}]', b'{"kind":"x","losses":{},"trigger":[]}']
)
def test_what_cannot_be_read_is_said_to_be_so(chart: Chart, product: bytes | None) -> None:
    picture = chart(product)
    assert picture.svg == ""
    assert picture.caption


def test_a_copy_that_was_not_reached_is_no_number() -> None:
    best = points("queries", "agreement", (75, 0.8), (300, 0.93))
    needed = {"90pct": 300, "95pct": None}
    curves = {
        "label_only": {"best": best[:1], "thieves": {}, "queries_for": {"90pct": None, "95pct": None}},
        "unchanged": {"best": best, "thieves": {"random": best}, "queries_for": needed},
    }
    picture = extraction(json.dumps(curves).encode())
    assert picture.rows[0] == ("label only", "75", "80 %", "70 % to 80 %", "not reached", "not reached")
    assert picture.rows[1][-2:] == ("300", "not reached")
    assert "random 93 %" in picture.caption
    lines = fromstring(picture.svg).findall("polyline")
    assert [line.attrib["class"] for line in lines] == ["thin one-line", "one-line"]


def test_points_without_queries_are_not_drawn() -> None:
    curve = {"best": points("queries", "agreement", (0, 0.5)), "thieves": {}, "queries_for": {}}
    assert extraction(json.dumps({"unchanged": curve}).encode()).svg == ""


def test_poison_has_a_line_for_each_attack() -> None:
    curve = points("percent", "mean", (1, 0.1), (5, 0.5))
    told = {"kind": "forest", "losses": {"random": curve, "targeted": curve}, "trigger": curve}
    picture = poison_price(json.dumps(told).encode())
    assert len(fromstring(picture.svg).findall("polyline")) == 3
    assert picture.rows[1][0] == "5 %"
    assert "forest" in picture.caption


def test_a_suspect_is_set_beside_honest_models() -> None:
    one = {"class": 1, "values": {"<age>": 3.0}, "success": 1.0, "explained": 0.1, "anomaly": 9.04, "trigger": True}
    picture = triggers(json.dumps([one]).encode())
    assert picture.rows == (("2", "<age>", "100 %", "10 %", "9", "trigger"),)
    assert "3.0" not in picture.svg


def test_a_patch_is_drawn_at_its_place() -> None:
    patch = {"values": {"p1": 16.0, "p2": None}, "success": 0.97, "explained": 0.1, "anomaly": 4.2, "trigger": True}
    told = [{**patch, "class": 3, "grid": [2, 4], "pixels": [[0, 1], [1, 2]]}]
    picture = triggers(json.dumps(told).encode())
    frame, *pixels = fromstring(picture.svg).findall("rect")
    side = float(frame.attrib["width"]) / 4
    assert float(frame.attrib["height"]) == pytest.approx(2 * side, abs=0.01)
    places = [[(float(p.attrib[at]) - float(frame.attrib[at])) / side for at in ("y", "x")] for p in pixels]
    assert np.allclose(places, [[0, 1], [1, 2]], atol=0.01)
    assert "rows 1 to 2, columns 2 to 3" in picture.svg
    assert picture.rows[0][0] == "4"


def test_an_image_without_pixels_is_not_believed() -> None:
    told = [{"values": {}, "success": 1, "explained": 0, "anomaly": 1, "trigger": False, "class": 0, "grid": [0, 4]}]
    assert triggers(json.dumps(told).encode()).svg == ""
