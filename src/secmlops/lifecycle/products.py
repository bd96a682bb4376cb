"""What controls made, where it is kept: bytes as objects of the vault, the protected table by column."""

import pyarrow as pa

from secmlops.core.digest import Digest
from secmlops.data.anonymise.control import ANONYMISED, Anonymise
from secmlops.data.columns.catalogue import PRODUCT
from secmlops.data.columns.store import ColumnStore
from secmlops.data.protection.control import Protect
from secmlops.data.reading import read_table
from secmlops.data.sources.source import TableSource
from secmlops.lifecycle.sealed import product_kind
from secmlops.vault.vault import Vault

TABLES = frozenset({(Protect.id, PRODUCT), (Anonymise.id, ANONYMISED)})
"""Controls and products that are tables: encrypted column by column, so that a column can be read or destroyed alone.

The digest still names the bytes that the control made. They are kept nowhere: a copy of the whole table would bring
back a column whose key was destroyed.
"""


class Products:
    """The products of controls, by control, name and digest."""

    def __init__(self, vault: Vault, columns: ColumnStore) -> None:
        self._vault = vault
        self._columns = columns

    def put(self, control: str, name: str, data: bytes) -> Digest:
        """Store a product and return its digest. Raises InputError for a table that cannot be read."""
        kind = product_kind(control, name)
        if (control, name) not in TABLES:
            return self._vault.put(data, kind)
        digest = Digest.of(data)
        self._columns.put(digest, read_table(data, f"{control} {name}").table)
        self._vault.destroy(digest, kind)  # where an earlier release kept the whole table
        return digest

    def put_rows(self, digest: Digest, rows: TableSource) -> Digest:
        """Store a table whose rows are not in memory: those of the Parquet file with this digest."""
        self._columns.put(digest, rows)
        return digest

    def has(self, control: str, name: str, digest: Digest) -> bool:
        """Whether the product is there, with the keys of all its columns if it is a table."""
        if (control, name) in TABLES:
            return self._columns.has(digest)
        return self._vault.has(digest, product_kind(control, name))

    def read(self, control: str, name: str, digest: Digest) -> bytes:
        """Bytes of a product that is no table, verified against their digest. Raises what ``Vault.read`` raises."""
        return self._vault.read(digest, product_kind(control, name))

    def table(self, digest: Digest) -> pa.Table:
        """Product that is a table, every column verified. Raises what ``ColumnStore.read`` raises."""
        return self._columns.read(digest).combine_chunks()
