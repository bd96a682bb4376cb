"""The index says which columns there are, and is refused when it could not have been written."""

import pyarrow as pa
import pytest

from kits.columns_world import applications
from secmlops.core.errors import InputError, VerificationError
from secmlops.data.columns.index import MAX_COLUMNS, SCHEMA, Index


def test_an_index_reads_back():
    index = Index.of(applications().schema, 300)
    assert index.names[0] == "income"
    assert Index.from_table(index.to_table()) == index


@pytest.mark.parametrize("names", [[], ["a", "a"], ["a", ""], [f"c{n}" for n in range(MAX_COLUMNS + 1)]])
def test_a_table_that_no_index_could_name_is_refused(names):
    with pytest.raises(InputError):
        Index.of(pa.schema([(name, pa.int64()) for name in names]), 1)


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"name": ["a"]}),
        pa.table({"name": [], "rows": []}, schema=SCHEMA),
        pa.table({"name": ["a", "b"], "rows": [1, 2]}, schema=SCHEMA),
        pa.table({"name": ["a", "a"], "rows": [1, 1]}, schema=SCHEMA),
    ],
)
def test_a_table_that_is_no_index_is_refused(table):
    with pytest.raises(VerificationError, match="not an index"):
        Index.from_table(table)
