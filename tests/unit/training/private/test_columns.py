"""Columns of a private model know bounds and lists, and nothing of a row."""

import numpy as np
import pyarrow as pa

from secmlops.training.private.columns import bounded_columns
from secmlops.training.private.looks import Found


def test_numbers_come_between_their_bounds_and_unknown_categories_are_none() -> None:
    table = pa.table(
        {
            "age": pa.array([18.0, 90.0, np.nan, -5.0], pa.float32()),
            "purpose": pa.array(["car", "boat", "", "car"]),
            "unseen": pa.array(["a", "b", "", ""]),
        }
    )
    found = Found(4.0, {"age": (18.0, 66.0)}, {"purpose": ("house", "car"), "unseen": ("",)}, (-1.0, 1.0))
    design = bounded_columns(table.schema, found).transform(table)
    assert design.tolist() == [[-1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [-1, 1, 0, 1]]


def test_a_table_of_one_kind_will_do() -> None:
    table = pa.table({"age": pa.array([1.0], pa.float32())})
    assert bounded_columns(table.schema, Found(1.0, {"age": (0.0, 1.0)}, {}, (0, 1))).transform(table).tolist() == [[1]]
