"""How fast the ledger is: durable appends alone and in a crowd, audit, reading and receipts.

Run: python benchmarks/ledger.py [folder]. The folder decides which disk is measured; entries have 500 bytes.
"""

import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from secmlops.ledger.audit import audit
from secmlops.ledger.batch import GroupCommit, Outcome
from secmlops.ledger.entry import Entry
from secmlops.ledger.log import Ledger
from secmlops.ledger.receipt import verify_receipt
from secmlops.trust.keys import Algorithm, PrivateKey

ORIGIN = "benchmark.example/ledger"
WRITERS = 64
AUDITED = 100_000
ENTRY = os.urandom(500)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def raw_sqlite(path: Path, count: int) -> float:
    """Rows per second of plain SQLite, WAL and synchronous = FULL, one transaction for each row."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE entries (idx INTEGER PRIMARY KEY, data BLOB)")

    def insert() -> None:
        for _ in range(count):
            connection.execute("INSERT INTO entries (data) VALUES (?)", (ENTRY,))

    rate = count / seconds(insert)
    connection.close()
    return rate


def alone(ledger: Ledger, count: int) -> float:
    """Appends per second of one writer that waits for each."""
    return count / seconds(lambda: [ledger.append([("access", ENTRY)]) for _ in range(count)])


def tell(waiting: Sequence[Future[int]], outcome: Outcome) -> None:
    if not isinstance(outcome, range):
        raise outcome
    for future, place in zip(waiting, outcome, strict=True):
        future.set_result(place)


def crowd(ledger: Ledger, each: int) -> float:
    """Appends per second of many threads, each of which waits for one entry before it hands in the next."""
    with GroupCommit(ledger, tell) as commit:

        def write() -> None:
            for _ in range(each):
                place: Future[int] = Future()
                commit.append(Entry("access", ENTRY), place)
                place.result()

        threads = [threading.Thread(target=write) for _ in range(WRITERS)]

        def run() -> None:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        return WRITERS * each / seconds(run)


def fill(ledger: Ledger) -> None:
    while ledger.size < AUDITED:
        ledger.append([("access", ENTRY)] * min(1000, AUDITED - ledger.size))


def main() -> None:
    signer = PrivateKey.generate(Algorithm.ED25519)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(dir=folder) as place, Ledger.open(Path(place) / "l.db", signer, ORIGIN) as ledger:
        rows = []
        for n in range(3):  # in turns, so that a busy moment of the disk hits them alike
            raw = raw_sqlite(Path(place) / f"raw{n}.db", 300)
            rows.append((raw, alone(ledger, 300), crowd(ledger, 300)))
        raw, single, group = (sorted(column)[1] for column in zip(*rows, strict=True))
        fill(ledger)
        report = []
        audit_s = seconds(lambda: report.append(audit(ledger.storage, signer.public, ORIGIN)))
        read_s = seconds(lambda: sum(1 for _ in ledger.entries()))
        receipts = [ledger.receipt(i * 97) for i in range(500)]
        receipt_s = seconds(lambda: [verify_receipt(text, signer.public, ORIGIN) for text in receipts])
    if not report[0].ok:
        raise SystemExit(f"the audit found something: {report[0].findings}")
    table = [
        ("SQLite, WAL, FULL, one row a transaction, no ledger", f"{raw:,.0f} rows/s"),
        ("durable append, one writer waiting for each", f"{single:,.0f} entries/s"),
        (f"durable append, {WRITERS} writers waiting, group commit", f"{group:,.0f} entries/s"),
        (f"audit of {report[0].entries:,} entries", f"{audit_s:.2f} s"),
        (f"verified reading of {report[0].entries:,} entries", f"{read_s:.2f} s"),
        (f"receipts verified offline, in a log of {report[0].entries:,}", f"{len(receipts) / receipt_s:,.0f} /s"),
    ]
    print(f"Ledger: entries of {len(ENTRY)} bytes, {os.cpu_count()} cores, median of 3 for the appends")
    for what, value in table:
        print(f"  {what:<62}{value:>20}")


if __name__ == "__main__":
    main()
