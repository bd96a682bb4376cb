"""The picture of what each way of compression costs and gains."""

import json
from xml.etree.ElementTree import fromstring

import pytest

from secmlops.report.charts.compression import compression
from secmlops.report.measures import label_of, meaning_of


def way(name: str, loss: float, size: int, **facts: float) -> dict[str, object]:
    return {"name": name, "facts": {"model_bytes": size, **facts}, "agreement": 0.99, "loss": [loss, loss - 0.01, 0.03]}


def test_every_way_is_a_row_of_the_table_and_a_dot_of_the_drawing() -> None:
    ways = [way("uncompressed", 0, 2048), way("chosen", 0.01, 1024, ece=0.05), way("small_tree", -0.02, 512)]
    picture = compression(json.dumps({"score": "auc", "candidates": ways}).encode())
    assert picture is not None
    assert [row[0] for row in picture.rows] == ["as it was", "the model", "distilled, small tree"]
    assert picture.rows[1] == ("the model", "0.010", "0.000 to 0.030", "99 %", "0.050", "1.0 KiB")
    tree = fromstring(picture.svg)
    dots = [e.attrib for e in tree.findall("circle")]
    assert [dot["class"] for dot in dots] == ["open", "one", "open"]
    assert float(dots[2]["cx"]) < float(dots[0]["cx"]) < float(dots[1]["cx"])
    assert "1.0 KiB (50%)" in picture.svg


@pytest.mark.parametrize("product", [b"", b"{}", b'{"score":"auc","candidates":[]}', b"\xff"])
def test_a_comparison_that_cannot_be_read_is_said_to_be_so(product: bytes) -> None:
    picture = compression(product)
    assert picture is not None
    assert not picture.svg
    assert picture.caption


def test_nothing_is_said_where_nothing_was_compressed() -> None:
    assert compression(None) is None


def test_what_the_model_was_is_named_after_its_measure() -> None:
    assert label_of("uncompressed_auc") == "AUC, before compression"
    assert label_of("uncompressed_robust_accuracy_at_0.25").endswith("of cost 0.25, before compression")
    assert meaning_of("size_ratio").write(0.5) == "50 %"
