"""The charts of slices and of groups of people, drawn from stored products."""

import json
from collections.abc import Callable
from xml.etree.ElementTree import fromstring

import pytest

from secmlops.report.charts.fairness import fairness
from secmlops.report.charts.membership import membership
from secmlops.report.charts.picture import Picture
from secmlops.report.charts.slices import slices

SLICE = {
    "kind": "worse",
    "words": "a is up to 3",
    "rows": 40,
    "share": 0.1,
    "mean": 0.4,
    "overall": 0.2,
    "p_value": 0.01,
}
COLUMN = {
    "column": "sex",
    "groups": ["f", "m"],
    "rows": [40, 50],
    "rates": {"selection": [0.2, 0.4], "tpr": [0.5, None]},
}


@pytest.mark.parametrize("chart", [slices, fairness, membership])
@pytest.mark.parametrize("product", [None, b"", b"{}", b"[1]", b"\xff", b"[" * 5000])
def test_a_product_that_cannot_be_read_is_said_to_be_so(
    chart: Callable[[bytes | None], Picture], product: bytes | None
) -> None:
    picture = chart(product)
    assert picture.svg == ""
    assert picture.caption


def test_each_slice_is_a_bar_beside_the_error_of_all_rows() -> None:
    other = SLICE | {"kind": "too_low", "words": "b is c"}
    picture = slices(json.dumps([SLICE, other]).encode())
    assert picture.rows == (("a is up to 3", "40", "10 %", "0.400", "0.200", "0.01"),)
    assert len(fromstring(picture.svg).findall("rect")) == 2


def test_nothing_found_is_said() -> None:
    assert "No range" in slices(b"[]").caption
    assert slices(json.dumps([SLICE | {"kind": "too_high"}]).encode()).svg == ""


def test_groups_stand_side_by_side() -> None:
    picture = fairness(json.dumps([COLUMN]).encode())
    assert picture.rows == (("sex", "f", "40", "20 %", "50 %"), ("sex", "m", "50", "40 %", "not known"))
    assert len(fromstring(picture.svg).findall("rect")) == 3


@pytest.mark.parametrize("change", [{"rows": [1]}, {"rates": {"selection": [0.1]}}])
def test_numbers_that_do_not_fit_the_groups_are_not_drawn(change: dict[str, object]) -> None:
    assert "cannot be read" in fairness(json.dumps([COLUMN | change]).encode()).caption


def test_quantities_have_no_shares_to_draw() -> None:
    told = COLUMN | {"rates": {"prediction": [0.1, 0.2]}}
    assert "mean predictions" in fairness(json.dumps([told]).encode()).caption


def test_each_attack_is_a_curve_and_the_strongest_is_named() -> None:
    told = {
        "rmia": {"false": [0.0, 0.005, 1.0], "true": [0.0, 0.3, 1.0]},
        "labels": {"false": [0.0, 0.5, 1.0], "true": [0.0, 0.6, 1.0]},
    }
    picture = membership(json.dumps(told).encode())
    assert "(rmia)" in picture.caption
    assert picture.rows == (("rmia", "0 %", "30 %", "30 %"), ("labels", "0 %", "0 %", "0 %"))
    assert len(fromstring(picture.svg).findall("polyline")) == 2
    assert membership(b"{}").svg == ""
    told["rmia"]["true"] = [0.5]
    assert "cannot be read" in membership(json.dumps(told).encode()).caption
