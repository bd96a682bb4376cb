from dataclasses import replace

import pytest

from secmlops.report.material import ReportMaterial
from secmlops.report.sections.prices import price_pictures, training_seconds


def test_time_is_divided_into_training_and_the_rest(released: ReportMaterial) -> None:
    split, by_control, memory = price_pictures(released.evidence)
    assert training_seconds(released.evidence) == 9.5
    assert split.rows == (("training", "9.5 s"), ("what security adds", "2.5 s"))
    assert ("training.run", "10.0 s", "200 ms") in by_control.rows
    assert memory.rows[0] == ("inside the sandbox", "238.4 MiB")


@pytest.mark.parametrize(("measures", "seconds"), [({}, 10.0), ({"seconds": 99.0}, 10.0), ({"seconds": 4.0}, 4.0)])
def test_training_never_takes_longer_than_its_control(
    released: ReportMaterial, measures: dict[str, float], seconds: float
) -> None:
    trained = replace(released.evidence["training.run"], measures=measures)
    assert training_seconds({"training.run": trained}) == seconds


def test_without_training_all_time_is_added(released: ReportMaterial) -> None:
    pictures = price_pictures({"data.schema": released.evidence["data.schema"]})
    assert pictures[0].rows[0] == ("training", "under 1 ms")
    assert [row[0] for row in pictures[2].rows] == ["data.schema"]


def test_nothing_ran() -> None:
    (picture,) = price_pictures({})
    assert picture.svg == ""
