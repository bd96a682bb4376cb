"""What memory would not hold is refused in numbers."""

from pathlib import Path

import pytest

from secmlops.core.errors import InputError
from secmlops.data.sources import memory
from secmlops.data.sources.memory import Allowance


def test_a_table_is_refused_beyond_a_sixth_of_what_is_there() -> None:
    allowance = Allowance(6 * 2**30)
    allowance.claim(2**30, "t")
    with pytest.raises(InputError, match=r"t: a table of 2\.0 GiB .* 12\.0 GiB, of which 6\.0 GiB are there"):
        allowance.claim(2 * 2**30, "t")


def test_the_group_of_a_container_counts_if_it_has_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    1000 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    assert Allowance.now().available == 1_024_000
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("5\n")
    assert Allowance.now().available == 1_024_000
    (tmp_path / "memory.max").write_text("105\n")
    assert Allowance.now().available == 100


def test_where_nothing_can_be_told_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "none")
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    Allowance.now().claim(2**50, "t")
