"""The index of a data set at rest: its columns in their order and its number of rows, itself an encrypted file."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from secmlops.core.errors import InputError, VerificationError

_TYPES: Mapping[str, pa.DataType] = {"name": pa.string(), "rows": pa.int64()}
SCHEMA = pa.schema(_TYPES)
MAX_COLUMNS = 10_000


@dataclass(frozen=True, slots=True)
class Index:
    """Names of the columns, all different, and how many rows each has."""

    names: tuple[str, ...]
    rows: int

    @classmethod
    def of(cls, schema: pa.Schema, rows: int) -> "Index":
        """Index of a table with this schema; raises InputError for one without columns, or with names used twice."""
        names = tuple(schema.names)
        if not names or len(names) > MAX_COLUMNS:
            raise InputError(f"a table of {len(names)} columns", hint=f"from 1 to {MAX_COLUMNS}")
        if len(set(names)) != len(names) or not all(names):
            raise InputError("columns without a name, or with the same name", hint="rename the columns")
        return cls(names, rows)

    def to_table(self) -> pa.Table:
        """Return one row a column."""
        return pa.table({"name": list(self.names), "rows": [self.rows] * len(self.names)}, schema=SCHEMA)

    @classmethod
    def from_table(cls, table: pa.Table) -> "Index":
        """Read what ``to_table`` made; raises VerificationError otherwise."""
        if not table.schema.equals(SCHEMA) or not table.num_rows:
            raise VerificationError("not an index of columns of this release")
        names = tuple(str(name) for name in table["name"].to_pylist())
        rows = {int(count or 0) for count in table["rows"].to_pylist()}
        if len(rows) != 1 or len(set(names)) != len(names):
            raise VerificationError("not an index of columns of this release")
        return cls(names, rows.pop())
