"""What a child says of mending is believed only where it can be meant."""

import pytest

from secmlops.core.errors import IsolationError
from secmlops.training.unlearning.mended import Mended


@pytest.mark.parametrize(
    ("report", "measures"),
    [
        (b'{"way": "the affected trees", "trees": 41}', {"grown_trees": 41.0}),
        (
            b'{"way": "a Newton step", "residual": 1e-7, "bound": 1e-5, "distance": 1e-7}',
            {"residual": 1e-7, "residual_bound": 1e-5, "distance_bound": 1e-7},
        ),
        (b'{"way": "training again"}', {}),
    ],
)
def test_each_way_has_its_measures(report: bytes, measures: dict[str, float]) -> None:
    assert Mended.from_json(report).measures() == measures


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"\xff",
        b"{}",
        b'{"way": "a spell"}',
        b'{"way": "a Newton step", "residual": -1.0}',
        b'{"way": "a Newton step", "bound": 1e999}',
        b'{"way": "the affected trees", "trees": -1}',
        b'{"way": "the affected trees", "rows": 1}',
    ],
)
def test_a_report_that_cannot_be_meant_is_refused(report: bytes) -> None:
    with pytest.raises(IsolationError, match="report of mending"):
        Mended.from_json(report)
