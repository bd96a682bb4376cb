"""Tables that the benchmark of poison uses: two real ones, beside the checkout, and three that are made up."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv
from sklearn.datasets import make_classification

from census import LABEL, census
from secmlops.core.digest import Digest
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.poisoning.sample import sample
from secmlops.data.prepare import prepare
from secmlops.runtime.examples import Examples
from secmlops.usecases.credit_risk import applications

REAL = Path(__file__).parents[2] / "shared" / "data"
_FAILURES = ("UID", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF")
_PERSONAL = ("full_name", "tax_number", "email", "phone", "iban", "street_address", "postcode", "officer_notes", "sex")


def tables(first: int = 0) -> dict[str, Examples]:
    """Examples by name of the table; the real ones only where they lie beside the checkout, others made anew."""
    found = {}
    if REAL.exists():
        found["german-credit"] = _examples(csv.read_csv(REAL / "german-credit.csv"), "class-label", ())
        found["ai4i2020"] = _examples(csv.read_csv(REAL / "ai4i2020.csv"), "Machine failure", _FAILURES)
    found["applications"] = _examples(applications(3_000, first), "default", (*_PERSONAL, "date_of_birth"))
    found["census"] = _examples(census(10_000, first), LABEL, ())
    found["blobs"] = blobs(10_000, 20, first)
    return found


def poisonable(first: int = 0) -> dict[str, Examples]:
    """Those of the tables that have columns of several kinds."""
    return {name: given for name, given in tables(first).items() if name != "blobs"}


def blobs(rows: int, columns: int, seed: int) -> Examples:
    """Numbers only, classes that hardly overlap."""
    numbers, labels = make_classification(
        rows, columns, n_informative=columns // 2, class_sep=1.2, flip_y=0.01, random_state=seed
    )
    return _examples(pa.table({**{f"x{n}": column for n, column in enumerate(numbers.T)}, "y": labels}), "y", ())


def honest(seed: int) -> dict[str, Examples]:
    """Further tables that nobody poisoned, made up anew."""
    return {
        f"applications {seed}": _examples(applications(3_000, seed), "default", (*_PERSONAL, "date_of_birth")),
        f"census {seed}": _examples(census(5_000, seed), LABEL, ()),
        f"blobs {seed}": blobs(5_000, 20, seed),
    }


def anomalies() -> dict[str, Examples]:
    """The sets of ADBench, whose label is the anomaly."""
    found = {}
    for file in sorted((REAL / "adbench").glob("*.npz")):
        held = np.load(file)
        columns = {f"x{n}": column.astype(np.float64) for n, column in enumerate(held["X"].T)}
        found[file.stem] = _examples(pa.table({**columns, "y": held["y"].astype(np.int64)}), "y", ())
    return found


def _examples(table: pa.Table, label: str, dropped: tuple[str, ...]) -> Examples:
    given = DataSet("table", table.drop_columns(list(dropped)), Digest.of(b""), Task.BINARY, label)
    rows = sample(prepare(given, 0.25, 0), 10**9, 0)
    assert rows is not None
    return Examples(rows.inputs, rows.labels)
