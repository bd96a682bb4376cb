from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.prepare import prepare
from secmlops.data.reading import read_table
from secmlops.project.load import read_project
from secmlops.usecases.credit_risk import applications, write


def test_the_written_project_is_valid_and_fits_its_table(tmp_path: Path) -> None:
    write(tmp_path, 500, 1)
    project = read_project(tmp_path / "secmlops.yaml")
    data = (tmp_path / project.data.source).read_bytes()
    reading = read_table(data, "applications.csv")
    assert not reading.notes
    dataset = DataSet(
        project.name,
        reading.table,
        Digest.of(data),
        Task(project.task),
        project.data.label,
        str(project.data.positive),
        project.data.subject_id,
        tuple(project.data.sensitive),
        dict(project.data.protect),
    )
    assert dataset.table.shape == (500, 24)
    assert dataset.classes == ("0", "1")


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        write(tmp_path / folder, 200, seed)
    first, again, other = ((tmp_path / f / "applications.csv").read_bytes() for f in "abc")
    assert first == again != other


def test_the_default_is_three_thousand_rows(tmp_path: Path) -> None:
    write(tmp_path, None, 1)
    assert (tmp_path / "applications.csv").read_bytes().count(b"\n") == 3_001


@pytest.mark.parametrize("rows", [99, 1_000_001])
def test_other_sizes_are_refused(rows: int) -> None:
    with pytest.raises(InputError):
        applications(rows, 1)


def test_the_signal_is_realistic() -> None:
    table = applications(12_000, 3)
    assert 0.12 < np.mean(table["default"].to_numpy()) < 0.3
    dataset = DataSet("credit", table.select(table.column_names[10:]), Digest.of(b""), Task.BINARY, "default", "1")
    prepared = prepare(dataset, 0.25, 1)
    model = HistGradientBoostingClassifier(max_iter=60, learning_rate=0.1, max_leaf_nodes=8, random_state=0)
    model.fit(prepared.train.inputs.numeric, prepared.train.target)
    scores = model.predict_proba(prepared.holdout.inputs.numeric)[:, 1]
    assert 0.74 < roc_auc_score(prepared.holdout.target, scores) < 0.88


def test_some_values_are_missing() -> None:
    table = applications(1_000, 1)
    assert {n for n in table.column_names if table[n].null_count} == {"savings", "years_employed", "card_utilisation"}
