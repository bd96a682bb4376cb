"""A data set by column: what is put is read, what is asked for is unwrapped, what is destroyed is gone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest

from kits.columns_world import DATASET, OTHER, PROJECT, World, applications
from secmlops.core.errors import InputError, VerificationError
from secmlops.data.columns import store as module
from secmlops.data.columns.files import SealedFiles
from secmlops.data.columns.store import ColumnStore
from secmlops.vault.local import LocalObjectStore
from secmlops.vault.vault import Vault


def test_a_table_reads_back(stored):
    assert stored.store.read(DATASET).equals(applications())
    assert stored.store.has(DATASET)
    assert stored.store.columns(DATASET) == dict.fromkeys(applications().column_names, True)
    assert stored.store.rows(DATASET) == 300
    assert stored.store.list() == (DATASET,)


def test_columns_are_read_in_the_order_asked_for(stored):
    assert stored.store.read(DATASET, ["loans", "income"]).equals(applications().select(["loans", "income"]))


def test_only_the_keys_of_the_columns_asked_for_are_unwrapped(stored):
    stored.store.read(DATASET, ["loans"])
    assert len(stored.provider.asked) == 2  # the index and one column
    assert stored.was_asked_for("loans")
    assert not any(stored.was_asked_for(name) for name in applications().column_names if name != "loans")


def test_a_stream_comes_in_row_groups(world, monkeypatch):
    monkeypatch.setattr(module, "GROUP_ROWS", 100)
    world.store.put(DATASET, applications(250))
    parts = list(world.store.stream(DATASET, ["income", "purpose"]))
    assert [part.num_rows for part in parts] == [100, 100, 50]
    assert pa.concat_tables(parts).equals(applications(250).select(["income", "purpose"]))


def test_a_check_is_asked_before_each_part_is_read(world, monkeypatch):
    monkeypatch.setattr(module, "GROUP_ROWS", 100)
    world.store.put(DATASET, applications(250))
    seen: list[int] = []

    def check() -> None:
        seen.append(len(seen))
        if len(seen) == 2:
            raise InputError("stopped")

    stream = world.store.stream(DATASET, ["income"], check)
    assert next(stream).num_rows == 100
    with pytest.raises(InputError, match="stopped"):
        next(stream)


def test_files_larger_than_memory_are_read_column_by_column(world, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "GROUP_ROWS", 128)
    table = applications(1000)
    for number in range(4):
        pq.write_table(table.slice(250 * number, 250), tmp_path / f"{number}.parquet")
    world.store.put(DATASET, ds.dataset(sorted(tmp_path.glob("*.parquet"))))
    assert world.store.read(DATASET).equals(table)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_table_of_hardly_any_rows(world, rows):
    world.store.put(DATASET, applications(1).slice(0, rows))
    assert world.store.read(DATASET).equals(applications(1).slice(0, rows))


def test_names_and_types_of_all_kinds(world):
    table = pa.table(
        {
            "a/b": [1, 2],
            "with, comma": ["x", None],
            "größe ": pa.array([["l"], []], pa.list_(pa.string())),
            "-": pa.array(["a", "a"]).dictionary_encode(),
            "..": pa.array([None, None], pa.null()),
            "x" * 300: pa.array(["y" * 10_000_000, ""], pa.large_string()),
        }
    )
    world.store.put(DATASET, table)
    assert world.store.read(DATASET).equals(table)


def test_what_is_put_again_stays_as_it_is(stored):
    before = stored.path("income").read_bytes()
    stored.store.put(DATASET, applications())
    assert stored.path("income").read_bytes() == before
    assert stored.store.read(DATASET).equals(applications())


def test_a_data_set_counts_once_its_index_is_written(world, monkeypatch):
    """A crash before that leaves nothing that is told of, and the next put takes it up."""
    monkeypatch.setattr(World(world.folder).files.__class__, "write", lambda *_: 0 / 0)
    with pytest.raises(ZeroDivisionError):
        world.store.put(DATASET, applications())
    assert not world.store.has(DATASET)
    assert world.store.list() == ()
    with pytest.raises(InputError, match="no such data set"):
        world.store.columns(DATASET)
    monkeypatch.undo()
    world.store.put(DATASET, applications())
    assert world.store.read(DATASET).equals(applications())


def test_a_file_whose_end_was_lost_is_written_again(stored):
    path = stored.path("income")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(VerificationError):
        stored.store.read(DATASET, ["income"])
    stored.store.put(DATASET, applications())
    assert stored.store.read(DATASET).equals(applications())


def test_a_source_that_changes_meanwhile_is_refused(world):
    class Changing:
        schema = applications().schema
        rows = 300

        def batches(self, columns):
            self.rows -= 1
            return applications(self.rows).select(columns).to_batches()

    with pytest.raises(InputError, match="changed while it was read"):
        world.store.put(DATASET, Changing())
    assert not world.store.has(DATASET)


def test_a_column_that_is_not_there(stored):
    with pytest.raises(InputError, match="no column 'age'"):
        stored.store.read(DATASET, ["age"])


def test_destroying_a_column_leaves_the_rest(stored):
    assert stored.store.destroy_column(DATASET, "income")
    assert stored.store.columns(DATASET)["income"] is False
    assert not stored.store.has(DATASET)
    with pytest.raises(InputError, match="destroyed"):
        stored.store.read(DATASET, ["income"])
    assert stored.store.read(DATASET, ["loans", "born"]).equals(applications().select(["loans", "born"]))
    assert not stored.store.destroy_column(DATASET, "income")


def test_destroying_a_data_set_leaves_the_others(stored):
    stored.store.put(OTHER, applications(50))
    assert stored.store.destroy(DATASET)
    assert stored.store.list() == (OTHER,)
    assert stored.store.read(OTHER).num_rows == 50
    assert len(stored.files.names()) == 7
    assert not stored.store.destroy(DATASET)


def test_a_new_key_encryption_key_reaches_the_columns(stored):
    """They lie among the data keys of the vault, which wraps them anew."""
    assert Vault.local(stored.folder, stored.provider, PROJECT).rewrap() == 7
    assert stored.store.read(DATASET).equals(applications())


def test_another_program_reads_a_column_with_its_key(stored):
    given = stored.store.key(DATASET, "income")
    opening = pe.create_decryption_properties(given.key, aad_prefix=given.prefix)
    read = pq.read_table(stored.folder / "objects" / given.file, decryption_properties=opening)
    assert read.equals(applications().select(["income"]))
    assert given.key.hex() not in repr(given)


def test_a_store_beside_a_vault(tmp_path):
    world = World(tmp_path)
    local = ColumnStore.local(tmp_path, world.provider, PROJECT)
    local.put(DATASET, applications())
    assert world.store.read(DATASET).equals(applications())
    assert [address.kind for address in Vault.local(tmp_path, world.provider, PROJECT).list()] == ["column"] * 6 + [
        "columns"
    ]


def test_two_who_store_the_same_at_once_agree(tmp_path):
    world = World(tmp_path)
    stores = [ColumnStore.local(tmp_path, world.provider, PROJECT) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda store: store.put(DATASET, applications()), stores))
    assert world.store.read(DATASET).equals(applications())


class Failing(LocalObjectStore):
    """Counts what is written, and fails as a killed process does: at once, and at any of its writes."""

    def __init__(self, folder: Path, fails: Iterator[bool]) -> None:
        super().__init__(folder)
        self._fails = fails

    def put(self, name, write, /):
        self._go_on()
        super().put(name, write)

    def create(self, name, data, /):
        self._go_on()
        return super().create(name, data)

    def _go_on(self) -> None:
        if next(self._fails):
            raise KeyboardInterrupt


@pytest.mark.parametrize("at", range(14))
def test_stopped_at_any_write_it_is_not_there_and_the_next_put_finishes_it(tmp_path, monkeypatch, at):
    monkeypatch.setattr(module, "WORKERS", 1)
    world = World(tmp_path)
    fails = iter([False] * at + [True] * 20)
    stores = (Failing(tmp_path / "objects", fails), Failing(tmp_path / "keys", fails))
    with pytest.raises(KeyboardInterrupt):
        ColumnStore(SealedFiles(*stores, world.provider, PROJECT)).put(DATASET, applications())
    assert not world.store.has(DATASET)
    assert world.store.list() == ()
    world.store.put(DATASET, applications())
    assert world.store.read(DATASET).equals(applications())
