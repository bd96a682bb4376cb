"""Pictures of how answers go with a feature."""

import json
from xml.etree.ElementTree import fromstring

import pytest

from secmlops.report.charts.effects import effects

AGE = {
    "feature": "<age>",
    "at": [20, 30.5, 40],
    "mean": [0.1, 0.2, 0.4],
    "local": [0.15, 0.2, 0.3],
    "curves": [[0.0, 0.1, 0.2], [0.5, 0.4, 0.9]],
    "share": [0.1, 0.5, 0.95],
}
PURPOSE = {"feature": "purpose", "at": ["car", "house"], "mean": [0.1, 0.2], "curves": [], "share": [0.5, 0.5]}


def told(*features: dict) -> bytes:
    return json.dumps({"scale": "log-odds", "explained": "yes", "features": features, "interactions": []}).encode()


def test_numbers_are_drawn_with_single_rows_and_tenths_and_told_in_numbers() -> None:
    (picture,) = effects(told(PURPOSE, AGE))
    assert picture.rows[1] == ("30.5", "0.2", "0.2")
    assert picture.columns[0] == "<age>"
    tree = fromstring(picture.svg)
    kinds = [line.attrib["class"] for line in tree.findall("polyline")]
    assert kinds == ["grid", "grid", "two-line", "one-line"]
    assert "log odds" in picture.svg
    assert "<age>" not in picture.svg
    rug = [
        line
        for line in tree.findall("line")
        if line.attrib["class"] == "axis" and line.attrib["x1"] == line.attrib["x2"]
    ]
    assert len(rug) >= 9


@pytest.mark.parametrize(
    "product",
    [
        None,
        b"",
        b"{}",
        b"[" * 5000,
        told(PURPOSE),
        told(AGE | {"mean": [1]}),
        told(AGE | {"at": [1, "x", 3]}),
        told(AGE | {"curves": [[1, 2]]}),
    ],
)
def test_what_cannot_be_drawn_is_said_to_be_so(product: bytes | None) -> None:
    (picture,) = effects(product)
    assert picture.svg == ""
    assert picture.caption


def test_at_most_three_features_are_drawn_each_under_a_key_of_its_own() -> None:
    pictures = effects(told(*[AGE] * 5))
    assert len(pictures) == 3
    assert len({fromstring(picture.svg).attrib["aria-labelledby"] for picture in pictures}) == 3
