"""One file and its key record: claimed once, written whole, destroyed for good."""

import pyarrow as pa
import pytest

from kits.columns_world import DATASET, PROJECT, Provider, World
from secmlops.core.errors import InputError, VerificationError
from secmlops.data.columns.files import SealedFiles
from secmlops.data.columns.place import Place
from secmlops.vault.local import LocalObjectStore

TABLE = pa.table({"x": [1, 2, 3]})
PLACE = Place.of_index(DATASET)


def written(world: World) -> World:
    key = world.files.claimed(PLACE)
    assert world.files.write(PLACE, key, TABLE.schema, lambda: [TABLE]) == 3
    return world


def test_a_key_is_made_once(world):
    assert world.files.claimed(PLACE) == world.files.claimed(PLACE) == world.files.key(PLACE)


def test_of_two_who_claim_at_once_the_first_ones_key_stays(world, monkeypatch):
    """Between looking and making, somebody else makes one."""
    first = world.files.claimed(PLACE)
    answers = iter((False, True))
    monkeypatch.setattr(LocalObjectStore, "exists", lambda _self, _name: next(answers))
    assert world.files.claimed(PLACE) == first


def test_what_was_written_is_opened(world):
    file = written(world).files.open(PLACE)
    assert file.group(0).equals(TABLE)
    file.close()
    assert world.files.rows(PLACE, world.files.key(PLACE)) == 3


def test_a_file_without_its_key_is_not_there(world):
    written(world)
    assert world.files.has(PLACE)
    world.record(None).unlink()
    assert not world.files.has(PLACE)
    with pytest.raises(InputError, match="no key"):
        world.files.open(PLACE)


def test_a_key_without_its_file_is_not_there_either(world):
    key = world.files.claimed(PLACE)
    assert not world.files.has(PLACE)
    assert world.files.rows(PLACE, key) is None
    with pytest.raises(InputError, match="gone"):
        world.files.open(PLACE)


def test_a_file_that_is_damaged_has_no_rows(world):
    path = written(world).path(None)
    path.write_bytes(path.read_bytes()[:-1])
    assert world.files.rows(PLACE, world.files.key(PLACE)) is None


def test_destroying_takes_key_and_file(world):
    assert written(world).files.destroy(PLACE)
    assert not any(path.is_file() and "/." not in str(path) for path in world.folder.rglob("*"))
    assert not world.files.destroy(PLACE)


def test_a_record_of_another_place_is_refused(world):
    written(world)
    other = Place.of_column(DATASET, "x", world.files.key(PLACE))
    world.files.claimed(other)
    (world.folder / "keys" / other.address.name).write_bytes(world.record(None).read_bytes())
    with pytest.raises(VerificationError):
        world.files.key(other)


def test_a_project_has_a_name(tmp_path):
    store = LocalObjectStore(tmp_path)
    with pytest.raises(InputError):
        SealedFiles(store, store, Provider(), "")
    assert PROJECT
