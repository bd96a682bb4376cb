"""Whatever the table, every class has k rows, every value lies in what its class says, and every model holds."""

from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import InputError
from secmlops.data.anonymise.demand import Demand, QuasiIdentifier, Sensitive
from secmlops.data.anonymise.hierarchy import Hierarchy
from secmlops.data.anonymise.privacy import Closeness, DistinctDiversity
from secmlops.data.anonymise.table import anonymise

NAMES = {"x": ["a", "b"], "y": {"z": ["c", "d"]}}
TREE = Hierarchy.from_nested(NAMES)
ROW = st.tuples(
    st.one_of(st.none(), st.integers(-5, 5)),
    st.sampled_from("abcd"),
    st.one_of(st.none(), st.sampled_from("abcd")),
    st.sampled_from("uvw"),
)
COVERED = {"x": "ab", "y": "cd", "z": "cd"} | {name: name for name in "abcd"}


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=2, max_size=60), st.integers(2, 6), st.sampled_from([0.0, 0.3]), st.booleans())
def test_a_released_table_keeps_its_promises(
    rows: list[tuple[int | None, str, str | None, str]], k: int, suppress: float, diverse: bool
) -> None:
    numbers, tree, names, sensitive = (list(column) for column in zip(*rows, strict=True))
    table = pa.table(
        {
            "number": pa.array(numbers, pa.int64()),
            "tree": pa.array(tree, pa.string()),
            "names": pa.array(names, pa.string()),
            "sensitive": pa.array(sensitive, pa.string()),
            "row": np.arange(len(rows)),
        }
    )
    quasi = (QuasiIdentifier("number"), QuasiIdentifier("tree", TREE), QuasiIdentifier("names"))
    models = (DistinctDiversity(2), Closeness(0.4)) if diverse else ()
    try:
        made = anonymise(table, Demand(quasi, k, (Sensitive("sensitive", models),) if diverse else (), suppress))
    except InputError:
        impossible = len(rows) < k or not any(names) or all(n is None for n in numbers)
        assert impossible or len(set(names)) == len(rows) or (diverse and len(set(sensitive)) < 2)
        return
    out = made.table.to_pylist()
    assert len(out) >= len(rows) * (1 - suppress)
    classes = Counter((row["number"], row["tree"], row["names"]) for row in out)
    assert min(classes.values()) >= k
    for row in out:
        number, group, name, _ = rows[row["row"]]
        assert row["tree"] == "*" or group in COVERED[row["tree"]]
        assert row["names"] == name or row["names"] == "*" or (name or "(missing)") in row["names"]
        if row["number"] not in ("*", None):
            low, _, high = row["number"].partition(" to ")
            assert number is not None
            assert int(low) <= number <= int(high or low)
    if diverse:
        seen = {(row["number"], row["tree"], row["names"], row["sensitive"]) for row in out}
        assert min(Counter(key[:3] for key in seen).values()) >= 2
