"""What controls made: bytes as they are, the protected table by column and nowhere else."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kits.columns_world import PROJECT, World
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.lifecycle.products import Products
from secmlops.lifecycle.sealed import product_kind
from secmlops.vault.vault import Vault

TABLE = pa.table({"income": [1, 2, 3], "purpose": ["car", None, "house"]})
PROTECT = ("data.protect", "protected")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def vault(world: World) -> Vault:
    return Vault.local(world.folder, world.provider, PROJECT)


@pytest.fixture
def products(world: World, vault: Vault) -> Products:
    return Products(vault, world.store)


def parquet(table: pa.Table = TABLE) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def test_bytes_are_an_object_of_the_vault(products, vault):
    digest = products.put("training.run", "model.onnx", b"model")
    assert products.has("training.run", "model.onnx", digest)
    assert products.read("training.run", "model.onnx", digest) == b"model"
    assert vault.has(digest, "training-run-model-onnx")


def test_the_protected_table_is_stored_by_column_and_only_so(products, world, vault):
    data = parquet()
    digest = products.put(*PROTECT, data)
    assert digest == Digest.of(data)
    assert products.has(*PROTECT, digest)
    assert products.table(digest).equals(TABLE)
    assert world.store.list() == (digest,)
    assert not vault.has(digest, product_kind(*PROTECT))


def test_a_whole_table_that_an_earlier_release_kept_is_converted(products, vault):
    data = parquet()
    digest = vault.put(data, product_kind(*PROTECT))
    assert not products.has(*PROTECT, digest)
    assert products.put(*PROTECT, data) == digest
    assert products.has(*PROTECT, digest)
    assert not vault.has(digest, product_kind(*PROTECT))


def test_a_table_with_a_column_destroyed_is_not_there_until_it_is_made_again(products, world):
    digest = products.put(*PROTECT, parquet())
    world.store.destroy_column(digest, "income")
    assert not products.has(*PROTECT, digest)
    with pytest.raises(InputError, match="no key"):
        products.table(digest)
    products.put(*PROTECT, parquet())
    assert products.table(digest).equals(TABLE)


def test_what_is_no_table_is_refused(products):
    with pytest.raises(InputError):
        products.put(*PROTECT, b"")
