from pathlib import Path

import pytest

from secmlops.project.load import read_project
from secmlops.usecases.catalogue import USE_CASES


@pytest.mark.parametrize("name", sorted(USE_CASES))
def test_every_use_case_writes_a_project_of_its_name(name: str, tmp_path: Path) -> None:
    USE_CASES[name].write(tmp_path, 150, 7)
    project = read_project(tmp_path / "secmlops.yaml")
    assert project.name == name
    assert (tmp_path / project.data.source).is_file()
    assert USE_CASES[name].about
