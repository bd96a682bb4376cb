"""A table encrypted by column: ours beside plain Parquet, beside Arrow's one encrypted file, and beside the vault.

Prints what writing and reading all columns takes, and reading three, and whether the bar was reached. Wall and CPU
seconds (user and system, all threads) are the best of ``--repeat`` rounds; the cases take turns, so that a busy machine
is busy for all. Everything is flushed to disk, ours with each of its files and key records. The ratios are to plain
Parquet. Each table that was read is compared with the one written.

Arrow's one file: ``pyarrow.parquet.encryption.CryptoFactory``, a key a column, wrapped by a client that adds a byte.
The vault: the Parquet file as one encrypted object, in chunks of 16 KiB, which is read as a whole.

    python benchmarks/columns.py --rows 1000000
"""

import argparse
import io
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rich.console import Console
from rich.table import Table

from bar import Bar, table_of
from secmlops.core.digest import Digest
from secmlops.data.columns.sealed_file import GROUP_ROWS
from secmlops.data.columns.store import ColumnStore
from secmlops.vault.vault import Vault

DATASET = Digest.of(b"benchmark")
FEW = ["number_3", "count_2", "word_4"]
GOAL = 1.5
TITLES = {"writing all": "write", "reading all": "read", "reading three": "few"}


class Wrapper:
    """A key-encryption key in memory."""

    def __init__(self) -> None:
        self._key = AESGCM(AESGCM.generate_key(256))

    def wrap(self, data_key: bytes, context: bytes, /) -> bytes:
        """Encrypt a data key."""
        nonce = os.urandom(12)
        return nonce + self._key.encrypt(nonce, data_key, context)

    def unwrap(self, wrapped: bytes, context: bytes, /) -> bytes:
        """Decrypt it."""
        return self._key.decrypt(wrapped[:12], wrapped[12:], context)


class Client(pe.KmsClient):
    """Arrow's view of a key-management service; the cheapest there can be."""

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        """Encrypt a key, so to speak."""
        return b"!" + key_bytes.hex().encode()

    def unwrap_key(self, wrapped_key: str, master_key_identifier: str) -> bytes:
        """Decrypt it."""
        return bytes.fromhex(wrapped_key[1:])


class Plain:
    """One Parquet file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "plain.parquet"

    def write(self, table: pa.Table) -> None:
        """Write the table, down to the disk."""
        with self.path.open("wb") as file:
            self._write(table, file)
            file.flush()
            os.fsync(file.fileno())

    def _write(self, table: pa.Table, file: io.BufferedWriter) -> None:
        pq.write_table(table, file, compression="zstd", row_group_size=GROUP_ROWS)

    def read(self, columns: list[str] | None) -> pa.Table:
        """Read these columns, or all."""
        return pq.read_table(self.path, columns=columns)


class OneFile(Plain):
    """Arrow's Parquet Modular Encryption: one file, a key for each column."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "encrypted.parquet"
        self._factory, self._connection = pe.CryptoFactory(lambda _: Client()), pe.KmsConnectionConfig()

    def _write(self, table: pa.Table, file: io.BufferedWriter) -> None:
        asked = pe.EncryptionConfiguration(
            footer_key="footer",
            column_keys={name: [name] for name in table.column_names},
            double_wrapping=False,
            data_key_length_bits=256,
        )
        sealing = self._factory.file_encryption_properties(self._connection, asked)
        pq.write_table(table, file, compression="zstd", row_group_size=GROUP_ROWS, encryption_properties=sealing)

    def read(self, columns: list[str] | None) -> pa.Table:
        """Read these columns, or all."""
        opening = self._factory.file_decryption_properties(self._connection)
        return pq.ParquetFile(self.path, decryption_properties=opening).read(columns)


class Columns:
    """Ours: a file and a wrapped key for each column."""

    def __init__(self, folder: Path) -> None:
        self._store = ColumnStore.local(folder / "columns", Wrapper(), "benchmark")

    def write(self, table: pa.Table) -> None:
        """Write the table, down to the disk."""
        self._store.put(DATASET, table)

    def read(self, columns: list[str] | None) -> pa.Table:
        """Read these columns, or all."""
        return self._store.read(DATASET, columns)

    def forget(self) -> None:
        """Remove it, so that it is written anew."""
        self._store.destroy(DATASET)


class WholeObject:
    """The vault: the Parquet file as one object."""

    def __init__(self, folder: Path) -> None:
        self._vault = Vault.local(folder / "vault", Wrapper(), "benchmark")
        self._digest: Digest | None = None

    def write(self, table: pa.Table) -> None:
        """Write the table, down to the disk."""
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="zstd", row_group_size=GROUP_ROWS)
        self._digest = self._vault.put(sink.getvalue(), "dataset")

    def read(self, columns: list[str] | None) -> pa.Table:
        """Read these columns, or all."""
        assert self._digest is not None
        return pq.read_table(pa.BufferReader(self._vault.read(self._digest, "dataset")), columns=columns)

    def forget(self) -> None:
        """Remove it, so that it is written anew."""
        if self._digest is not None:
            self._vault.destroy(self._digest, "dataset")


@dataclass
class Spent:
    """Best wall and CPU seconds so far."""

    wall: float = float("inf")
    cpu: float = float("inf")

    def take(self, work: Callable[[], pa.Table | None]) -> pa.Table | None:
        """Do the work, and keep its times if they are the best."""
        before, start = _cpu(), time.perf_counter()
        made = work()
        self.wall = min(self.wall, time.perf_counter() - start)
        self.cpu = min(self.cpu, _cpu() - before)
        return made


@dataclass
class Row:
    """What one case took."""

    write: Spent = field(default_factory=Spent)
    read: Spent = field(default_factory=Spent)
    few: Spent = field(default_factory=Spent)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def generated(rows: int) -> pa.Table:
    """Ten columns of numbers, five of counts, five of words out of fifty."""
    rng = np.random.default_rng(0)
    words = np.array([f"word {n}" for n in range(50)])
    columns: dict[str, object] = {f"number_{n}": rng.normal(size=rows) for n in range(10)}
    columns |= {f"count_{n}": rng.integers(0, 100_000, rows) for n in range(5)}
    columns |= {f"word_{n}": words[rng.integers(0, 50, rows)] for n in range(5)}
    return pa.table(columns)


def measured(table: pa.Table, folder: Path, repeat: int) -> dict[str, Row]:
    cases = {
        "plain Parquet": Plain(folder),
        "secmlops, by column": Columns(folder),
        "Arrow, one encrypted file": OneFile(folder),
        "secmlops vault, one object": WholeObject(folder),
    }
    rows = {name: Row() for name in cases}
    for _ in range(repeat):
        for name, case in cases.items():
            if isinstance(case, Columns | WholeObject):
                case.forget()
            rows[name].write.take(lambda case=case: case.write(table))
        for columns, part in ((None, "read"), (FEW, "few")):
            for name, case in cases.items():
                read = getattr(rows[name], part).take(lambda case=case, columns=columns: case.read(columns))
                if read is None or not read.equals(table if columns is None else table.select(columns)):
                    sys.exit(f"{name}: what was read is not what was written")
    return rows


def shown(title: str, rows: dict[str, Row], part: str) -> Table:
    drawn = Table(title=title)
    drawn.add_column("", no_wrap=True)
    for heading in ("wall s", "x plain", "CPU s", "x plain"):
        drawn.add_column(heading, justify="right")
    base: Spent = getattr(next(iter(rows.values())), part)
    for name, row in rows.items():
        spent: Spent = getattr(row, part)
        cells = (spent.wall, spent.wall / base.wall, spent.cpu, spent.cpu / base.cpu)
        drawn.add_row(name, *(f"{cell:.2f}" for cell in cells))
    return drawn


def _ratio(ours: Row, plain: Row, part: str) -> float:
    return float(getattr(ours, part).cpu / getattr(plain, part).cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5, help="rounds, of which the best counts")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rows = measured(generated(chosen.rows), Path(name), chosen.repeat)
    console = Console(width=100)
    for title, part in TITLES.items():
        console.print(shown(f"{title}, {chosen.rows:,} rows x 20 columns", rows, part))
    ours, plain = rows["secmlops, by column"], rows["plain Parquet"]
    console.print(table_of(Bar(f"{title}: CPU time, times plain Parquet", _ratio(ours, plain, part), GOAL)
                           for title, part in TITLES.items() if part != "few"))  # fmt: skip


if __name__ == "__main__":
    main()
