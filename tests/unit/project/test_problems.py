"""Problems that show only after the project file was read, told with its lines."""

from pathlib import Path

import pytest

from secmlops.core.errors import InputError
from secmlops.project.problems import refuse


def test_no_problem_is_no_error(tmp_path: Path) -> None:
    refuse([], tmp_path / "missing.yaml")


def test_problems_carry_the_lines_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "secmlops.yaml"
    file.write_text("a: 1\nb:\n  c.d: 2\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        refuse([(("b", "c.d"), "second"), (("a",), "first"), (("gone",), "of the whole")], file)
    assert str(refused.value) == "secmlops.yaml:1: a: first\n  line 1: gone: of the whole\n  line 3: b.c.d: second"
