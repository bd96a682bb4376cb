"""Locks: nothing that a process does beside its ledger makes another one take the write-ahead log for nobody's."""

import subprocess
import sys
from pathlib import Path

import pytest

from secmlops.ledger.log import Ledger
from secmlops.trust.keys import Algorithm, PrivateKey

ORIGIN = "secmlops.test/locks"


def count(path: Path) -> int:
    """Entries that another process finds in the file."""
    code = (
        f"import sqlite3; print(sqlite3.connect({str(path)!r}).execute('SELECT count(*) FROM entries').fetchone()[0])"
    )
    return int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


@pytest.mark.parametrize("again", [False, True], ids=["opened once", "opened again meanwhile"])
def test_another_process_that_comes_and_goes_takes_no_entries_along(tmp_path: Path, again: bool) -> None:
    path, key = tmp_path / "ledger.db", PrivateKey.generate(Algorithm.ED25519)
    ledger = Ledger.open(path, key, ORIGIN)
    ledger.append([("evidence", b"first")])
    if again:
        Ledger.open(path, key, ORIGIN).close()
    assert count(path) == 1  # a whole life of another connection, which ends by looking whether it was the last one
    ledger.append([("evidence", b"second")])
    ledger.append([("evidence", b"third")])
    assert count(path) == 3
    ledger.close()
    assert count(path) == 3
