"""Attacks on data sets at rest: files and keys altered, cut, exchanged, put back; and columns one may not see."""

import io
import random
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest

from kits.columns_world import DATASET, OTHER, PROJECT, World, applications
from secmlops.core.errors import InputError, SecmlopsError, VerificationError
from secmlops.data.columns.place import Place
from secmlops.data.columns.sealed_file import SealedFile, write_sealed
from secmlops.data.columns.store import ColumnStore
from secmlops.vault.data_key import DataKey

TWINS = pa.table({"one": [1, 2, 3], "two": [1, 2, 3]})


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "world")
    made.store.put(DATASET, applications())
    return made


def refused(world: World, column: str) -> None:
    with pytest.raises(VerificationError):
        world.store.read(DATASET, [column])


def test_a_flipped_bit_is_refused_or_changes_nothing():
    """Every byte of a file, three ways. Only the four of a length that no reader looks at may pass, unharmed."""
    table, key, prefix = pa.table({"x": [1, 2, None, 4] * 9}), bytes(32), bytes(range(32))
    sink = io.BytesIO()
    write_sealed([table], table.schema, sink, key, prefix)
    data, harmless = sink.getvalue(), set()
    for place in range(len(data)):
        for mask in (1, 128, 255):
            altered = bytearray(data)
            altered[place] ^= mask
            try:
                read = SealedFile(io.BytesIO(altered), key, prefix, "x").group(0)
            except VerificationError:
                continue
            assert read.equals(table)
            harmless.add(place)
    assert len(harmless) <= 4


def test_bytes_thrown_at_the_end_of_a_file_end_in_a_refusal():
    """The end is read first, in the clear: lengths and markers there must lead nowhere."""
    table, key, prefix = pa.table({"x": range(50)}), bytes(32), bytes(32)
    sink = io.BytesIO()
    write_sealed([table], table.schema, sink, key, prefix)
    data, chance = sink.getvalue(), random.Random(3)
    for _ in range(1500):
        altered = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            altered[-chance.randint(1, 120)] = chance.randrange(256)
        try:
            assert SealedFile(io.BytesIO(altered), key, prefix, "x").group(0).equals(table)
        except VerificationError:
            continue


def test_a_file_cut_anywhere_is_refused():
    table = pa.table({"x": range(50)})
    sink = io.BytesIO()
    write_sealed([table], table.schema, sink, bytes(32), bytes(32))
    data = sink.getvalue()
    for size in range(len(data)):
        with pytest.raises(VerificationError):
            SealedFile(io.BytesIO(data[:size]), bytes(32), bytes(32), "x")


def test_a_file_with_something_before_or_after_it_is_refused(world):
    path = world.path("income")
    data = path.read_bytes()
    for altered in (data + b"\0", b"\0" + data, data + data[-4:]):
        path.write_bytes(altered)
        refused(world, "income")


def test_a_column_in_the_place_of_another_is_refused(world):
    world.store.put(OTHER, TWINS)
    one, two = world.path("one", OTHER), world.path("two", OTHER)
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)
    for column in ("one", "two"):
        with pytest.raises(VerificationError):
            world.store.read(OTHER, [column])


def test_a_column_exchanged_together_with_its_key_is_refused(world):
    world.store.put(OTHER, TWINS)
    shutil.copy(world.path("two", OTHER), world.path("one", OTHER))
    shutil.copy(world.record("two", OTHER), world.record("one", OTHER))
    with pytest.raises(VerificationError):
        world.store.read(OTHER, ["one"])


def test_the_column_of_another_version_of_the_data_set_is_refused(world):
    world.store.put(OTHER, applications())
    shutil.copy(world.path("income", OTHER), world.path("income"))
    refused(world, "income")
    shutil.copy(world.record("income", OTHER), world.record("income"))
    refused(world, "income")


def test_the_index_of_another_version_of_the_data_set_is_refused(world):
    world.store.put(OTHER, TWINS)
    shutil.copy(world.path(None, OTHER), world.path(None))
    refused(world, "income")
    shutil.copy(world.record(None, OTHER), world.record(None))
    refused(world, "income")


def test_a_column_of_another_project_is_refused(world, tmp_path):
    """Under the same key-encryption key, as one user has it for all projects."""
    other = World(tmp_path / "other", "other/0123456789abcdef")
    other.provider._key = world.provider._key
    other.store.put(DATASET, applications())
    for folder in ("objects", "keys"):
        shutil.rmtree(world.folder / folder)
        shutil.copytree(other.folder / folder, world.folder / folder)
    with pytest.raises(VerificationError):
        ColumnStore.local(world.folder, world.provider, PROJECT).read(DATASET, ["income"])


def test_a_key_record_that_was_altered_is_refused(world):
    record = world.record("income")
    data = record.read_bytes()
    for place in range(0, len(data), 3):
        altered = bytearray(data)
        altered[place] ^= 1
        record.write_bytes(bytes(altered))
        refused(world, "income")
    for cut in (b"", data[:16], data[:-1], data * 2000):
        record.write_bytes(cut)
        refused(world, "income")


def test_another_provider_opens_nothing(world):
    with pytest.raises(VerificationError):
        ColumnStore.local(world.folder, World(world.folder).provider, PROJECT).read(DATASET)


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_file_of_the_attackers_own_is_refused(world, encrypted):
    """In the clear, or under a key and prefix of their choice: whoever can write files cannot write values."""
    sealing = pe.create_encryption_properties(bytes(32), aad_prefix=bytes(32)) if encrypted else None
    pq.write_table(applications().select(["income"]), world.path("income"), encryption_properties=sealing)
    refused(world, "income")


def test_row_groups_moved_within_a_file_are_refused():
    """Two groups of the same size under one key: each page is bound to its place."""
    table = pa.table({"x": pa.array(range(64), pa.int64())})
    sink = io.BytesIO()
    write_sealed(
        [table, pa.table({"x": pa.array(range(64, 128), pa.int64())})], table.schema, sink, bytes(32), bytes(32)
    )
    data = sink.getvalue()
    half = len(data) // 4
    first, second = data[4 : 4 + half], data[4 + half : 4 + 2 * half]
    swapped = data[:4] + second + first + data[4 + 2 * half :]
    file = SealedFile(io.BytesIO(swapped), bytes(32), bytes(32), "x")
    with pytest.raises(VerificationError):
        file.group(0)


def test_a_copy_of_a_destroyed_column_stays_unreadable(world, tmp_path):
    copy = tmp_path / "copy"
    shutil.copy(world.path("income"), copy)
    path = world.path("income")
    world.store.destroy_column(DATASET, "income")
    shutil.copy(copy, path)
    with pytest.raises(InputError):
        world.store.read(DATASET, ["income"])
    world.store.put(DATASET, applications())  # a new key is made, and the copy is of no use under it
    assert world.store.read(DATASET).equals(applications())
    shutil.copy(copy, path)
    refused(world, "income")


def test_what_was_destroyed_and_stored_anew_does_not_open_with_the_old_key(world, tmp_path):
    kept = tmp_path / "record"
    shutil.copy(world.record("income"), kept)
    world.store.destroy_column(DATASET, "income")
    world.store.put(DATASET, applications())
    shutil.copy(kept, world.record("income"))
    refused(world, "income")


def test_names_of_columns_cannot_be_read_or_guessed_from_the_stores(world):
    names = {path.name for path in world.folder.rglob("*") if path.is_file()}
    everything = b"".join(path.read_bytes() for path in world.folder.rglob("*") if path.is_file())
    for column in applications().column_names:
        assert column.encode() not in everything
        assert Place.of_column(DATASET, column, DataKey(bytes(16), bytes(32))).address.digest.hex not in names


@pytest.mark.parametrize("gone", ["file", "record"])
def test_a_lost_index_hides_the_data_set_and_gives_nothing(world, gone):
    (world.path(None) if gone == "file" else world.record(None)).unlink()
    with pytest.raises(SecmlopsError):
        world.store.read(DATASET)
    assert not world.store.has(DATASET)


def test_a_link_out_of_the_store_is_not_followed(world, tmp_path):
    path = world.path("income")
    outside = tmp_path / "outside"
    shutil.move(path, outside)
    path.symlink_to(outside)
    with pytest.raises(SecmlopsError):
        world.store.read(DATASET, ["income"])
