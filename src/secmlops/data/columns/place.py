"""Where the parts of a data set lie in the stores of the vault, and what each of them is bound to."""

import hmac
from dataclasses import dataclass
from typing import Self

from secmlops.core.digest import Digest
from secmlops.trust.canonical import canonical_json, digest_of
from secmlops.vault.address import Address
from secmlops.vault.data_key import DataKey

INDEX, COLUMN = "columns", "column"


@dataclass(frozen=True, slots=True)
class Place:
    """The index (``column`` is None) or one column of the data set with this digest, and its address."""

    dataset: Digest
    column: str | None
    address: Address

    @classmethod
    def of_index(cls, dataset: Digest) -> Self:
        """Place of the index: its address is the data set's digest."""
        return cls(dataset, None, Address(INDEX, dataset))

    @classmethod
    def of_column(cls, dataset: Digest, column: str, index_key: DataKey) -> Self:
        """Place of a column. Its address is an HMAC-SHA-256 under the index's key.

        So whoever sees the stores cannot tell which columns there are, nor try names.
        """
        named = canonical_json({"column": column, "dataset": str(dataset)})
        return cls(dataset, column, Address(COLUMN, Digest(hmac.digest(index_key.key, named, "sha256").hex())))

    def prefix(self, project: str, key: DataKey) -> bytes:
        """AAD prefix of the file: 32 bytes that name project, data set, column and data key, and tell none of them."""
        return digest_of(
            {
                "column": self.column,
                "data_key": key.id.hex(),
                "dataset": str(self.dataset),
                "format": "secmlops.columns/1",
                "project": project,
            }
        ).raw

    def __str__(self) -> str:
        return f"data set {self.dataset}" if self.column is None else f"column {self.column!r} of {self.dataset}"
