"""Columns read side by side: few files or many, all of one length, and none left open."""

import os
from pathlib import Path

import pyarrow as pa
import pytest

from kits.columns_world import DATASET, World, applications
from secmlops.core.errors import InputError, VerificationError
from secmlops.data.columns import side_by_side as module
from secmlops.data.columns import store
from secmlops.data.columns.side_by_side import SideBySide

NAMES = ["income", "loans", "purpose"]


@pytest.fixture
def stored(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(store, "GROUP_ROWS", 100)
    world.store.put(DATASET, applications(250))
    world.provider.asked.clear()
    return world


def open_files(world: World) -> int:
    """How many files of the store this process holds open."""
    links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))  # noqa: PTH208  # the names alone
    return sum(str(world.folder) in os.readlink(link) for link in links if link.is_symlink())  # noqa: PTH115


@pytest.mark.parametrize(("most", "kept"), [(128, 3), (3, 3), (2, 1), (1, 1)])
def test_however_many_may_be_open_the_rows_are_the_same(stored, monkeypatch, most, kept):
    monkeypatch.setattr(module, "MOST_OPEN", most)
    places = [stored.place(name) for name in NAMES]
    stored.provider.asked.clear()
    with SideBySide(stored.files, places, 250) as columns:
        assert columns.groups == 3
        assert open_files(stored) == kept
        parts = [pa.table(dict(zip(NAMES, columns.part(number), strict=True))) for number in range(3)]
    assert pa.concat_tables(parts).equals(applications(250).select(NAMES))
    assert open_files(stored) == 0
    assert len(stored.provider.asked) == 3  # each key once


def test_a_file_of_other_rows_than_the_data_set_is_refused(stored):
    """Written with the right key: by whoever stored it wrongly, for nobody else has it."""
    place = stored.place("loans")
    short = applications(249).select(["loans"])
    stored.files.write(place, stored.files.key(place), short.schema, lambda: [short])
    with pytest.raises(VerificationError, match="249 rows, the data set 250"):
        stored.store.read(DATASET, NAMES)
    assert open_files(stored) == 0


def test_a_file_of_other_row_groups_is_refused(stored):
    place = stored.place("loans")
    one = applications(250).select(["loans"])
    stored.files.write(place, stored.files.key(place), one.schema, lambda: [one])
    with pytest.raises(VerificationError):
        stored.store.read(DATASET, NAMES)


def test_a_reading_that_is_given_up_closes_its_files(stored):
    stream = stored.store.stream(DATASET, NAMES)
    next(stream)
    assert open_files(stored) == 3
    stream.close()
    assert open_files(stored) == 0


def test_a_table_wider_than_a_process_may_open_files(world):
    wide = pa.table({f"c{n}": [n, n + 1] for n in range(module.MOST_OPEN + 1)})
    world.store.put(DATASET, wide)
    assert world.store.read(DATASET).equals(wide)


def test_no_columns_have_no_parts(stored):
    with SideBySide(stored.files, [], 250) as columns:
        assert columns.groups == 0


def test_a_column_that_was_destroyed_is_told_before_any_is_opened(stored):
    places = [stored.place(name) for name in NAMES]
    stored.store.destroy_column(DATASET, "purpose")
    with pytest.raises(InputError, match="destroyed"):
        SideBySide(stored.files, places, 250)
    assert open_files(stored) == 0
