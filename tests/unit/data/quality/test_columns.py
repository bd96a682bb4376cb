import numpy as np
import pyarrow as pa

from secmlops.core.digest import Digest
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.quality.columns import judged_columns

ROWS = 100


def test_only_properties_of_the_rows_are_judged() -> None:
    rng = np.random.default_rng(7)
    table = pa.table(
        {
            "label": np.arange(ROWS) % 2,
            "who": [f"p{i // 2}" for i in range(ROWS)],
            "row": np.arange(ROWS),
            "name": rng.normal(size=ROWS),
            "empty": pa.nulls(ROWS, pa.float64()),
            "prose": [
                f"{i} a long remark on the case, written by hand and different in every row" for i in range(ROWS)
            ],
            "amount": rng.normal(size=ROWS),
            "kind": rng.integers(0, 3, ROWS).astype(str),
            "band": rng.integers(0, 3, ROWS),
        }
    )
    dataset = DataSet(
        "d",
        table,
        Digest.of(b""),
        Task.BINARY,
        "label",
        subject_id="who",
        protect={"name": "drop", "band": "generalise"},
    )
    columns = judged_columns(dataset)
    assert set(columns.numeric) == {"amount", "band"}
    assert set(columns.coded) == {"kind"}
    assert columns.names == ("amount", "band", "kind")
