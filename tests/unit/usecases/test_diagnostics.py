from pathlib import Path

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.discovery.control import Personal
from secmlops.data.leakage.control import Leakage
from secmlops.data.prepare import prepare
from secmlops.data.reading import read_table
from secmlops.project.load import read_project
from secmlops.usecases.diagnostics import write


def test_the_written_project_passes_the_data_stage(tmp_path: Path) -> None:
    write(tmp_path, None, 1)
    project = read_project(tmp_path / "secmlops.yaml")
    data = (tmp_path / project.data.source).read_bytes()
    table = read_table(data, "nuclei.csv").table
    assert table.shape == (569, 31)
    dataset = DataSet(
        "nuclei", table, Digest.of(data), Task(project.task), project.data.label, str(project.data.positive)
    )
    assert dataset.classes == ("benign", "malignant")
    assert Personal().examine(dataset).outcome is Outcome.PASSED
    prepared = prepare(dataset, project.assurance.holdout, project.training.seed)
    assert Leakage().examine(prepared).outcome is Outcome.PASSED


def test_rows_can_be_drawn(tmp_path: Path) -> None:
    write(tmp_path / "a", 200, 1)
    write(tmp_path / "b", 200, 2)
    first, other = ((tmp_path / f / "nuclei.csv").read_bytes() for f in "ab")
    assert first.count(b"\n") == 201
    assert first != other


@pytest.mark.parametrize("rows", [99, 570])
def test_no_rows_are_made_up(tmp_path: Path, rows: int) -> None:
    with pytest.raises(InputError):
        write(tmp_path, rows, 1)
