"""A store of columns in a folder, with a key provider in memory that remembers what it was asked for."""

import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.data.columns.files import SealedFiles
from secmlops.data.columns.place import Place
from secmlops.data.columns.store import ColumnStore
from secmlops.vault.local import LocalObjectStore

PROJECT = "credit/0123456789abcdef"
AT = datetime(2026, 3, 1, tzinfo=UTC)
DATASET = Digest.of(b"applications, version 1")
OTHER = Digest.of(b"applications, version 2")


class Provider:
    """Wraps with AES-256-GCM under one key, and keeps the contexts of the data keys that it unwrapped."""

    def __init__(self) -> None:
        self._key = AESGCM(AESGCM.generate_key(256))
        self.asked: list[bytes] = []

    def wrap(self, data_key: bytes, context: bytes, /) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._key.encrypt(nonce, data_key, context)

    def unwrap(self, wrapped: bytes, context: bytes, /) -> bytes:
        self.asked.append(context)
        try:
            return self._key.decrypt(wrapped[:12], wrapped[12:], context)
        except (InvalidTag, ValueError):
            raise VerificationError("the wrapped key does not open") from None


class World:
    """A store, its folder, its provider, and the places of what is in it."""

    def __init__(self, folder: Path, project: str = PROJECT) -> None:
        self.folder = folder
        self.provider = Provider()
        objects, keys = LocalObjectStore(folder / "objects"), LocalObjectStore(folder / "keys")
        self.files = SealedFiles(objects, keys, self.provider, project)
        self.store = ColumnStore(self.files)

    def place(self, column: str | None, dataset: Digest = DATASET) -> Place:
        index = Place.of_index(dataset)
        return index if column is None else Place.of_column(dataset, column, self.files.key(index))

    def path(self, column: str | None, dataset: Digest = DATASET) -> Path:
        """File of a column, or of the index."""
        return self.folder / "objects" / self.place(column, dataset).address.name

    def record(self, column: str | None, dataset: Digest = DATASET) -> Path:
        """File with the wrapped key of a column, or of the index."""
        return self.folder / "keys" / self.place(column, dataset).address.name

    def was_asked_for(self, column: str | None, dataset: Digest = DATASET) -> bool:
        """Whether the provider unwrapped the key of a column since ``provider.asked`` was cleared."""
        asked = list(self.provider.asked)
        hex_digest = self.place(column, dataset).address.digest.hex.encode()
        return any(hex_digest in context for context in asked)


def applications(rows: int = 300) -> pa.Table:
    """Invented applications: every type of column that a table which was read can have, with values missing."""
    rng = np.random.default_rng(7)
    missing = rng.random(rows) < 0.1
    return pa.table(
        {
            "income": pa.array(np.round(rng.lognormal(8, 0.4, rows), 2), mask=missing),
            "loans": pa.array(rng.integers(0, 9, rows)),
            "purpose": pa.array([("car", "house", "=1+1")[n] for n in rng.integers(0, 3, rows)], mask=missing),
            "married": pa.array(rng.random(rows) < 0.5),
            "born": pa.array(rng.integers(0, 20_000, rows).astype("datetime64[D]")),
            "applied": pa.array(rng.integers(0, 10**15, rows).astype("datetime64[us]")),
        }
    )
