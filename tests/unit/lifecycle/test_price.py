"""What a piece of work cost."""

import time
from pathlib import Path

import pytest

from secmlops.lifecycle import price
from secmlops.lifecycle.price import Meter


def test_time_and_memory_are_measured() -> None:
    with Meter() as meter:
        held = bytearray(30_000_000)
        time.sleep(0.02)
        sum(range(200_000))
    told = meter.price(7)
    assert told.wall_s >= 0.02
    assert told.cpu_s > 0
    assert told.peak_bytes > len(held)
    assert told.produced_bytes == 7


def test_where_there_is_no_proc_the_mark_of_the_process_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price, "_STATUS", tmp_path / "missing" / "status")
    monkeypatch.setattr(price, "_CLEAR_REFS", tmp_path / "missing" / "refs")
    with Meter() as meter:
        pass
    assert meter.price().peak_bytes > 1_000_000
