"""Any table of plain columns reads back as it was, whole and by any choice of its columns."""

import tempfile
from datetime import date
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kits.columns_world import DATASET, World

NAMES = st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=4, unique=True)
KINDS = {
    pa.string(): st.text(st.characters(codec="utf-8")),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.bool_(): st.booleans(),
    pa.date32(): st.dates(date(1, 1, 1)),
    pa.timestamp("us"): st.datetimes(),
}


@st.composite
def tables(draw) -> pa.Table:
    names, rows = draw(NAMES), draw(st.integers(0, 6))
    columns = []
    for _ in names:
        kind = draw(st.sampled_from(sorted(KINDS, key=str)))
        values = draw(st.lists(st.none() | KINDS[kind], min_size=rows, max_size=rows))
        columns.append(pa.array(values, kind))
    return pa.Table.from_arrays(columns, names)


@settings(max_examples=15, deadline=None)
@given(tables(), st.data())
def test_a_table_reads_back(table, data):
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.store.put(DATASET, table)
        assert world.store.read(DATASET).equals(table)
        chosen = data.draw(st.lists(st.sampled_from(table.column_names), min_size=1, unique=True))
        assert world.store.read(DATASET, chosen).equals(table.select(chosen))
