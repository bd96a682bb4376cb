"""Diagnostics: is a breast mass malignant? Measurements of cell nuclei from fine-needle aspirates.

The Breast Cancer Wisconsin (Diagnostic) data of W. N. Street, W. H. Wolberg and O. L. Mangasarian (1993), UCI Machine
Learning Repository, as they come with scikit-learn: 569 rows, 30 features, no personal data.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from sklearn.datasets import load_breast_cancer

from secmlops.core.errors import InputError

PROJECT = """\
# Diagnostics: is a breast mass malignant? Measurements of cell nuclei, without personal data.
secmlops: 1
name: diagnostics
task: binary_classification

data:
  source: nuclei.csv
  label: diagnosis
  positive: malignant         # the event: a malignant mass that must not be missed
  protect: {}                 # nothing here tells who the patient is
  governance:                 # for what, by which right, whose, and for how long
    purpose: [diagnosis support]
    legal_basis: not_personal
    source: University of Wisconsin, Breast Cancer Wisconsin (Diagnostic)
    owner: clinical data office
    retention: 3650 d
    sensitivity: internal

training:
  purpose: diagnosis support
  model: logistic_regression
  seed: 7
  sandbox: {network: false, memory: 4 GiB, time: 10 min}

assurance:
  holdout: 0.25

release:
  require:
    assurance.performance.auc: ">= 0.95"
    assurance.calibration.ece: "<= 0.10"
    assurance.fit.gap: "<= 0.05"

serving: {host: 127.0.0.1, port: 8443}
"""


def write(folder: Path, rows: int | None, seed: int) -> None:
    """Write ``nuclei.csv`` and ``secmlops.yaml`` into ``folder``: all rows, or ``rows`` of them drawn with ``seed``.

    Raises InputError when ``rows`` is not from 100 to 569: these are measurements, and no more are made up.
    """
    table = _measurements()
    if rows is not None:
        if not 100 <= rows <= table.num_rows:
            raise InputError(f"{rows} rows", where="diagnostics", hint=f"choose from 100 to {table.num_rows}")
        drawn = np.random.default_rng(seed).choice(table.num_rows, rows, replace=False)
        table = table.take(pa.array(np.sort(drawn), pa.int64()))
    folder.mkdir(parents=True, exist_ok=True)
    arrow_csv.write_csv(table, folder / "nuclei.csv")
    (folder / "secmlops.yaml").write_text(PROJECT, encoding="utf-8")


def _measurements() -> pa.Table:
    data = load_breast_cancer()
    names = [str(name).replace(" ", "_") for name in data.feature_names]
    features = {name: np.asarray(data.data)[:, place] for place, name in enumerate(names)}
    return pa.table({**features, "diagnosis": np.asarray(data.target_names)[data.target].astype(str)})
