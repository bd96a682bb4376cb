"""One Parquet file encrypted as a whole under one key, and bound to what it is.

Parquet Modular Encryption (Apache Parquet Format, Encryption.md) with ``AES_GCM_V1``, the footer encrypted too. Each
module (page, page header, index, footer) is authenticated together with an AAD: the prefix handed in here, 8 random
bytes of the file, and the module's kind, row group, column and page. So a module that is altered, moved, or taken from
another file does not open, and neither does a file that lies where one with another prefix is expected.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from secmlops.core.errors import InputError, VerificationError

GROUP_ROWS: Final = 128 * 1024
"""Rows of a row group, in every column file: the rows that a stream gives at once."""

MAGIC: Final = b"PARE"
_REFUSED: Final = "altered, cut off, or put in another file's place; restore it from a backup"

_properties: Any = pe  # functions that the stubs of Arrow do not know yet


def write_sealed(groups: Iterable[pa.Table], schema: pa.Schema, sink: BinaryIO, key: bytes, prefix: bytes) -> int:
    """Write tables of ``schema``, each as one row group, and return the number of rows.

    ``key`` has 32 bytes. The prefix is stored in the clear, so that programs which know the key alone can read the
    file; ours does not trust the stored one.
    """
    sealing = _properties.create_encryption_properties(key, aad_prefix=prefix)
    rows = 0
    with pq.ParquetWriter(sink, schema, compression="zstd", encryption_properties=sealing) as writer:
        for table in groups:
            writer.write_table(table, row_group_size=GROUP_ROWS)
            rows += table.num_rows
    return rows


class SealedFile:
    """Reads what ``write_sealed`` wrote, a row group at a time, and closes ``source`` in the end.

    The footer is verified on opening, every page before its values are given out. ``where`` names the file in errors.
    Raises VerificationError, here or while reading, for other bytes, another key or another prefix; InputError when
    the bytes cannot be read.
    """

    def __init__(self, source: BinaryIO, key: bytes, prefix: bytes, where: str) -> None:
        self._source = source
        self._where = where
        opening = _properties.create_decryption_properties(key, aad_prefix=prefix)
        try:
            with self._verifying():
                _check_magic(source)
                readable = pa.PythonFile(source, "r")  # type: ignore[arg-type]  # the stubs name io.IOBase
                self._file = pq.ParquetFile(readable, decryption_properties=opening)
        except BaseException:
            source.close()
            raise

    @property
    def rows(self) -> int:
        """Number of rows, from the verified footer."""
        return self._file.metadata.num_rows

    @property
    def groups(self) -> int:
        """Number of row groups."""
        return self._file.metadata.num_row_groups

    def group(self, number: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Rows of one row group: of these columns, in the order of the file, or of all."""
        with self._verifying():
            return self._file.read_row_group(number, None if columns is None else list(columns), use_threads=False)

    def close(self) -> None:
        """Close the source as well."""
        self._file.close(force=True)
        self._source.close()

    @contextmanager
    def _verifying(self) -> Iterator[None]:
        """Tell what Arrow finds wrong with the bytes from what the machine refuses: only the latter has an errno."""
        try:
            yield
        except (OSError, pa.ArrowException) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise InputError(f"cannot be read: {error.strerror}", where=self._where) from error
            raise VerificationError("the file is not what was sealed", where=self._where, hint=_REFUSED) from None


def _check_magic(source: BinaryIO) -> None:
    """Refuse other first bytes, which Arrow does not look at."""
    if source.read(len(MAGIC)) != MAGIC:
        raise pa.ArrowInvalid("not an encrypted Parquet file")
