"""A table larger than one would hold in memory, from its files to its encrypted columns, a batch at a time.

Makes a folder of Parquet files of 10,000,000 made-up persons, takes each step in a process of its own, and prints its
wall and CPU seconds and its peak resident memory. Discovery by a sample, and in every row; protection (names and
addresses dropped, customers pseudonymised, phone numbers encrypted, days of birth, postcodes and incomes generalised)
into another folder; encryption of what was protected, each column in a file of its own; and reading three of these
columns back, whose rows are counted. Fails when a step takes 4 GiB or more, or finds something else than was made.

    python benchmarks/streaming.py --rows 10000000
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rich.console import Console
from rich.table import Table

from bar import Bar, table_of
from columns import Wrapper
from secmlops.core.digest import Digest
from secmlops.core.task import Task
from secmlops.data.columns.store import ColumnStore
from secmlops.data.dataset import DataSet
from secmlops.data.discovery.stream import survey_source
from secmlops.data.protection.carry_out import Manner
from secmlops.data.protection.generalise import Coarseness, DatePrecision
from secmlops.data.protection.order import ProtectionOrder
from secmlops.data.protection.stream import ProtectedSource
from secmlops.data.sources.location import Location
from secmlops.data.sources.sample import drawn

MOST_GIB = 4.0
PART_ROWS = 500_000
DATASET = Digest.of(b"benchmark")
GIVEN = ("Nora", "Ivo", "Lena", "Tariq", "Mei", "Paula", "Jonas", "Amara", "Luis", "Freya", "Kofi", "Anouk")
FAMILY = ("Lindqvist", "Okafor", "Moreau", "Haddad", "Petrov", "Silva", "Tanaka", "Novak", "Byrne", "Kaya")
PROTECT = {
    "customer_id": "pseudonymise", "name": "drop", "email": "drop", "phone": "encrypt", "birth_date": "generalise",
    "postcode": "generalise", "income": "generalise",
}  # fmt: skip
PERSONAL = {"name", "email", "phone", "birth_date", "postcode"}


def part(start: int, rows: int) -> pa.Table:
    """Rows from ``start`` on: the same for the same numbers."""
    rng = np.random.default_rng(start)
    ids = pa.array(np.arange(start, start + rows)).cast(pa.string())
    given, family = (pa.array(names).take(pa.array(rng.integers(0, len(names), rows))) for names in (GIVEN, FAMILY))
    amounts = np.round(rng.lognormal(8, 1, (4, rows)), 2)
    calls = pa.array(rng.integers(100_000, 1_000_000, rows)).cast(pa.string())
    columns = {
        "customer_id": pc.binary_join_element_wise("C", pc.utf8_lpad(ids, 9, "0"), ""),
        "name": pc.binary_join_element_wise(given, family, " "),
        "email": pc.binary_join_element_wise(pc.utf8_lower(given), ".", ids, "@example.org", ""),
        "phone": pc.binary_join_element_wise("+44 20 79", calls, ""),
        "birth_date": pa.array(rng.integers(-18_000, 12_000, rows).astype(np.int32), pa.date32()),
        "postcode": pa.array(rng.integers(10_000, 100_000, rows)).cast(pa.string()),
        **{name: amounts[place] for place, name in enumerate(("income", "balance", "paid", "owed"))},
        "orders": rng.poisson(3, rows),
        "left": rng.random(rows) < 0.2,
    }
    return pa.table(columns)


def make(folder: Path, rows: int) -> str:
    """Write the table."""
    (folder / "table").mkdir()
    for start in range(0, rows, PART_ROWS):
        pq.write_table(part(start, min(PART_ROWS, rows - start)), folder / "table" / f"{start:012d}.parquet")
    return f"{sum(f.stat().st_size for f in (folder / 'table').iterdir()) / 2**20:,.0f} MiB of files"


def discover(folder: Path, rows: int, full: bool = False) -> str:
    """Find the columns with personal data."""
    survey = survey_source(Location("table", folder).open(), 0, full)
    found = {column.column for column in survey.columns}
    expect(survey.rows == rows and found >= PERSONAL, f"found {sorted(found)} in {survey.rows} rows")
    return f"{len(found)} columns, {survey.searched:,} rows searched"


def discover_full(folder: Path, rows: int) -> str:
    """Look into every row."""
    return discover(folder, rows, full=True)


def protect(folder: Path, rows: int) -> str:
    """Protect the columns, into another folder."""
    source = Location("table", folder).open()
    expect(source.rows == rows, "other rows were made")
    sample, _ = drawn(source, 10_000, 0)
    dataset = DataSet("table", sample, DATASET, Task.BINARY, "left", protect=PROTECT)
    manner = Manner(Coarseness(8, 10, DatePrecision.YEAR), 4, 30, lambda table, column: ("table", table, column))
    protected = ProtectedSource.of(source, ProtectionOrder(dataset, b"k" * 32), manner)
    (folder / "protected").mkdir()
    with pq.ParquetWriter(folder / "protected" / "all.parquet", protected.schema, compression="zstd") as writer:
        for batch in protected.batches():
            writer.write_batch(batch)
    return f"{len(protected.schema)} columns left"


def encrypt(folder: Path, rows: int) -> str:
    """Encrypt them, each in a file of its own."""
    source = Location("protected", folder).open()
    store(folder).put(DATASET, source)
    expect(store(folder).rows(DATASET) == rows, "other rows were stored")
    return f"{len(source.schema)} files"


def read(folder: Path, rows: int) -> str:
    """Read three encrypted columns."""
    seen = sum(table.num_rows for table in store(folder).stream(DATASET, ["customer_id", "income", "left"]))
    expect(seen == rows, f"{seen} rows were read")
    return "3 columns"


STEPS: Mapping[str, Callable[[Path, int], str]] = {
    "make": make,
    "discover, by a sample": discover,
    "discover, every row": discover_full,
    "protect": protect,
    "encrypt by column": encrypt,
    "read three columns": read,
}


class KeptWrapper(Wrapper):
    """A key-encryption key that the processes of this benchmark share, in the folder that is deleted afterwards."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(AESGCM.generate_key(256))
        self._key = AESGCM(path.read_bytes())


def store(folder: Path) -> ColumnStore:
    return ColumnStore.local(folder / "columns", KeptWrapper(folder / "key"), "benchmark")


def expect(fact: bool, told: str) -> None:
    if not fact:
        sys.exit(told)


def one(step: str, folder: Path, rows: int) -> None:
    """Take one step, and print what it came to and what it took."""
    begun = time.perf_counter()
    told = STEPS[step](folder, rows)
    used = resource.getrusage(resource.RUSAGE_SELF)
    wall, cpu = time.perf_counter() - begun, used.ru_utime + used.ru_stime
    print(f"{told}|{wall:.1f}|{cpu:.1f}|{used.ru_maxrss / 2**20:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        one(given.step[0], Path(given.step[1]), given.rows)
        return
    table = Table("step", "wall s", "CPU s", "peak GiB", "what came of it", title=f"{given.rows:,} rows, 12 columns")
    peaks: dict[str, float] = {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        for step in STEPS:
            command = [sys.executable, __file__, "--rows", str(given.rows), "--step", step, folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            expect(done.returncode == 0, f"{step}: {done.stdout}{done.stderr}")
            told, wall, cpu, peak = done.stdout.strip().split("|")
            print(f"{step}: {wall} s, {cpu} CPU s, {peak} GiB", flush=True)
            table.add_row(step, wall, cpu, peak, told)
            peaks[step] = float(peak)
    console = Console(width=100)
    console.print(table)
    bars = [Bar(f"{step}: peak of its memory, GiB", peak, MOST_GIB) for step, peak in peaks.items()]
    console.print(table_of(bars))
    expect(all(bar.verdict == "reached" for bar in bars), f"a step took more than {MOST_GIB} GiB")


if __name__ == "__main__":
    main()
