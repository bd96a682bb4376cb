"""The charts that are drawn from stored products: reliability, the learning curve and the complexity curve."""

import json
from collections.abc import Callable
from xml.etree.ElementTree import fromstring

import pytest

from secmlops.report.charts.complexity import complexity
from secmlops.report.charts.curve import learning_curve
from secmlops.report.charts.picture import Picture
from secmlops.report.charts.reliability import reliability

Chart = Callable[[bytes | None], Picture]


def told(**value: object) -> bytes:
    return json.dumps(value).encode()


def a_bin(predicted: float, observed: float, rows: int = 10) -> dict[str, float]:
    return {"predicted": predicted, "observed": observed, "low": observed - 0.1, "high": observed + 0.1, "rows": rows}


@pytest.mark.parametrize("chart", [reliability, learning_curve, complexity])
@pytest.mark.parametrize("product", [None, b"", b"[]", b"{}", b"\xff", b'{"task":"x","bins":1}', b"[" * 5000])
def test_a_product_that_cannot_be_read_is_said_to_be_so(chart: Chart, product: bytes | None) -> None:
    picture = chart(product)
    assert picture.svg == ""
    assert picture.caption


def test_reliability_tells_each_bin_twice() -> None:
    picture = reliability(told(task="binary_classification", bins=[a_bin(0.2, 0.25), a_bin(0.6, 0.5, 7)]))
    assert picture.rows[1] == ("0.600", "0.500", "0.400", "0.600", "7")
    tree = fromstring(picture.svg)
    assert len(tree.findall("circle")) == 2
    assert "largest gap is 0.100" in str(tree[1].text)


def test_points_on_the_diagonal_lie_on_the_dashed_line() -> None:
    tree = fromstring(reliability(told(task="binary_classification", bins=[a_bin(0.5, 0.5)])).svg)
    (ideal,) = (e for e in tree.findall("line") if e.attrib["class"] == "ideal")
    x1, y1, x2, y2 = (float(ideal.attrib[name]) for name in ("x1", "y1", "x2", "y2"))
    (dot,) = tree.findall("circle")
    x, y = float(dot.attrib["cx"]), float(dot.attrib["cy"])
    assert (x - x1) * (y2 - y1) == pytest.approx((y - y1) * (x2 - x1), rel=1e-3)


def test_reliability_of_quantities_has_their_own_unit() -> None:
    picture = reliability(told(task="regression", bins=[a_bin(-120, -110), a_bin(500, 480)]))
    assert picture.columns[1] == "observed"
    assert picture.rows[0][0] == "-120"
    assert "mean predicted value" in picture.svg


def test_a_diagram_without_bins_is_not_drawn() -> None:
    assert reliability(told(task="regression", bins=[])).svg == ""


def test_a_curve_shows_both_lines() -> None:
    points = [{"rows": r, "train": 0.9, "holdout": h} for r, h in ((100, 0.6), (1000, 0.8))]
    picture = learning_curve(told(metric="auc", points=points))
    assert picture.rows == (("100", "0.900", "0.600"), ("1,000", "0.900", "0.800"))
    tree = fromstring(picture.svg)
    assert {e.attrib["class"] for e in tree.findall("polyline")} == {"one-line", "two-line"}
    assert "area under the ROC curve" in picture.svg


def test_one_point_is_no_curve() -> None:
    picture = learning_curve(told(metric="auc", points=[{"rows": 10, "train": 1.0, "holdout": 0.5}]))
    assert picture.svg == ""
    assert "not known" in picture.caption


def test_an_unknown_metric_is_named_as_it_is_and_escaped() -> None:
    points = [{"rows": r, "train": 0.9, "holdout": 0.8} for r in (0, 100, 1000)]
    picture = learning_curve(told(metric="<b>", points=points))
    assert "&lt;b&gt;" in picture.svg
    assert len(picture.rows) == 2


def rungs(*at: float) -> list[dict[str, object]]:
    return [{"at": one, "train": [0.9, 0.8, 1.0], "holdout": [0.7, 0.6, 0.8]} for one in at]


def test_the_complexity_curve_shows_both_lines_and_the_model_beside_them() -> None:
    model = {"train": 0.95, "holdout": 0.65, "verdict": "too much"}
    of = {"kind": "linear", "capacity": "C", "best": 0.1, "metric": "auc", "model": model}
    picture = complexity(told(**of, points=rungs(0.001, 0.1, 10)))
    assert picture.caption.startswith("A simpler model does better")
    assert picture.rows[1] == ("0.1", "0.900", "0.700", "0.600 to 0.800")
    assert picture.rows[-1] == ("this model", "0.950", "0.650", "")
    tree = fromstring(picture.svg)
    assert len(tree.findall("circle")) == 3 + 1
    assert sum(e.attrib["class"] == "ideal" for e in tree.findall("line")) == 2
    for points in (rungs(1), rungs(2, 1), rungs(0, 1)):
        assert complexity(told(**of, points=points)).svg == ""
