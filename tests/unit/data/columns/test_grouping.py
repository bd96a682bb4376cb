"""However a column comes, it is cut at the same rows."""

import pyarrow as pa
import pytest

from secmlops.data.columns.grouping import regrouped

SCHEMA = pa.schema([("x", pa.int64())])


def batches(*sizes: int):
    start = 0
    for size in sizes:
        yield pa.record_batch({"x": pa.array(range(start, start + size), pa.int64())})
        start += size


@pytest.mark.parametrize("sizes", [(10,), (1,) * 10, (4, 4, 2), (3, 0, 7), (9, 1), (0, 10, 0)])
def test_the_rows_are_the_same_and_so_are_the_cuts(sizes):
    groups = list(regrouped(batches(*sizes), SCHEMA, 4))
    assert [group["x"].to_pylist() for group in groups] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_rows_that_fill_the_groups_leave_none_empty():
    assert [group.num_rows for group in regrouped(batches(8), SCHEMA, 4)] == [4, 4]


@pytest.mark.parametrize("sizes", [(), (0,), (0, 0)])
def test_no_rows_are_one_empty_group(sizes):
    (group,) = regrouped(batches(*sizes), SCHEMA, 4)
    assert (group.num_rows, group.schema) == (0, SCHEMA)
