"""Whoever can write to the database file changes it by SQL, as cleverly as the schema allows, and is found out."""

import shutil
import sqlite3

import pytest

from secmlops.core.errors import SecmlopsError, VerificationError
from secmlops.ledger.audit import audit
from secmlops.ledger.log import Ledger
from secmlops.ledger.merkle import CompactRange, leaf_hash
from secmlops.ledger.sqlite import SqliteStorage
from secmlops.ledger.view import LedgerView
from secmlops.trust.keys import Algorithm, PrivateKey

ORIGIN = "ledger.example/attacked"
SIZE = 300
SIGNER = PrivateKey.generate(Algorithm.ED25519)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    path = tmp_path_factory.mktemp("original") / "ledger.db"
    with Ledger.open(path, SIGNER, ORIGIN) as ledger:
        for first in range(0, SIZE, 50):
            ledger.append([("evidence", b'{"outcome":"failed %d"}' % i, f"tag {i}") for i in range(first, first + 50)])
    return path


@pytest.fixture
def path(original, tmp_path):
    return shutil.copy(original, tmp_path / "ledger.db")


def tamper(path, *statements):
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def found(path, *earlier):
    storage = SqliteStorage(path, read_only=True)
    try:
        return {f.rule.removeprefix("ledger.") for f in audit(storage, SIGNER.public, ORIGIN, *earlier).findings}
    finally:
        storage.close()


def read_all(path):
    with LedgerView.read(path, [SIGNER.public], ORIGIN) as view:
        return list(view.entries())


def rewrite_tree(path):
    """Recompute every stored hash from the rows, as an attacker who knows the format would."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT kind, data FROM entries ORDER BY idx").fetchall()
    tree, hashes = CompactRange(), []
    for kind, data in rows:
        hashes += tree.append(leaf_hash(kind.encode() + b"\0" + data))
    connection.execute("DELETE FROM hashes")
    connection.executemany("INSERT INTO hashes VALUES (?, ?)", enumerate(hashes))
    connection.commit()
    connection.close()


SHIFT = (
    "UPDATE entries SET idx = -idx - 1 WHERE idx >= 100",
    "UPDATE entries SET idx = -idx WHERE idx < 0",
)
CHANGES = {
    "data changed": ("UPDATE entries SET data = CAST(replace(data, 'failed', 'passed') AS BLOB) WHERE idx = 7",),
    "kind changed": ("UPDATE entries SET kind = 'verdict' WHERE idx = 0",),
    "first row removed": ("DELETE FROM entries WHERE idx = 0",),
    "middle row removed": ("DELETE FROM entries WHERE idx = 123",),
    "last row removed": ("DELETE FROM entries WHERE idx = 299",),
    "all rows removed": ("DELETE FROM entries",),
    "rows swapped": (
        "UPDATE entries SET idx = -1 WHERE idx = 5",
        "UPDATE entries SET idx = 5 WHERE idx = 6",
        "UPDATE entries SET idx = 6 WHERE idx = -1",
    ),
    "row inserted in the middle": (*SHIFT, "INSERT INTO entries VALUES (100, 'evidence', x'00', NULL)"),
    "row removed and the rest moved up": (
        "DELETE FROM entries WHERE idx = 50",
        "UPDATE entries SET idx = -idx WHERE idx > 50",
        "UPDATE entries SET idx = -idx - 1 WHERE idx < 0",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_rows_is_found_and_nothing_of_the_ledger_is_read(change, path):
    tamper(path, *CHANGES[change])
    assert "root-mismatch" in found(path)
    with pytest.raises(VerificationError):
        read_all(path)


@pytest.mark.parametrize("change", CHANGES)
def test_rewriting_the_stored_tree_as_well_does_not_help(change, path):
    tamper(path, *CHANGES[change])
    rewrite_tree(path)
    assert "root-mismatch" in found(path)
    with pytest.raises(VerificationError):
        read_all(path)
    with pytest.raises(VerificationError), Ledger.open(path, SIGNER, ORIGIN) as ledger:
        ledger.append([("evidence", b"to be signed over the change")])


@pytest.mark.parametrize("place", [300, 5000, 2**63 - 1, -1, -(2**63)])
def test_a_row_appended_without_a_signature_is_found_and_never_read(place, path):
    tamper(path, f"INSERT INTO entries VALUES ({place}, 'evidence', x'00', 'tag 1')")
    assert found(path) == {"entry-unsigned"}
    assert len(read_all(path)) == SIZE
    with LedgerView.read(path, [SIGNER.public], ORIGIN) as view, pytest.raises(VerificationError, match="not covered"):
        view.find("tag 1")


def test_the_ledger_does_not_sign_over_a_row_that_was_slipped_in(path):
    tamper(path, "INSERT INTO entries VALUES (300, 'evidence', x'00', NULL)")
    with Ledger.open(path, SIGNER, ORIGIN) as ledger, pytest.raises(VerificationError, match="never signed"):
        ledger.append([("evidence", b"next")])


@pytest.mark.parametrize("position", [0, 1, 2, 300, 510])
def test_a_changed_or_removed_stored_hash_is_found(position, path, tmp_path):
    other = shutil.copy(path, tmp_path / "other.db")
    tamper(path, f"UPDATE hashes SET hash = zeroblob(32) WHERE position = {position}")
    tamper(other, f"DELETE FROM hashes WHERE position = {position}")
    assert found(path) == found(other) == {"hash-changed"}


@pytest.mark.parametrize("position", [-5, 10**6, 2**63 - 1])
def test_a_hash_that_belongs_nowhere_is_found(position, path):
    tamper(path, f"INSERT INTO hashes VALUES ({position}, zeroblob(32))")
    assert found(path) == {"hash-changed"}


def test_a_malformed_hash_is_told_and_crashes_nothing(path):
    tamper(path, "UPDATE hashes SET hash = x'00' WHERE position = 3")
    assert found(path) == {"unreadable"}


def test_no_proof_or_receipt_is_made_from_changed_hashes(path):
    tamper(path, "UPDATE hashes SET hash = zeroblob(32) WHERE position BETWEEN 3 AND 9")
    with LedgerView.read(path, [SIGNER.public], ORIGIN) as view:
        for ask in (lambda: view.receipt(0), lambda: view.entry(0)):
            with pytest.raises(VerificationError, match="not what was recorded"):
                ask()


def test_a_changed_row_gives_no_receipt_entry_or_tag_hit(path):
    tamper(path, "UPDATE entries SET data = x'00' WHERE idx = 9", "DELETE FROM entries WHERE idx = 10")
    with LedgerView.read(path, [SIGNER.public], ORIGIN) as view:
        for ask in (view.receipt, view.entry, lambda i: view.find(f"tag {i}")):
            with pytest.raises(VerificationError, match="not what was recorded"):
                ask(9)
        for ask in (view.receipt, view.entry):
            with pytest.raises(VerificationError, match="missing"):
                ask(10)


def test_a_tag_moved_to_another_entry_leads_to_a_genuine_entry_only(path):
    tamper(path, "UPDATE entries SET tag = NULL WHERE idx = 4", "UPDATE entries SET tag = 'tag 4' WHERE idx = 200")
    with LedgerView.read(path, [SIGNER.public], ORIGIN) as view:
        assert [r.data for r in view.find("tag 4")] == [b'{"outcome":"failed 200"}']
        assert len(list(view.entries())) == SIZE


def test_a_ledger_without_its_checkpoint_is_refused(path):
    tamper(path, "DELETE FROM checkpoint")
    assert found(path) == {"checkpoint-missing"}
    with pytest.raises(VerificationError, match="no signed checkpoint"):
        read_all(path)
    with pytest.raises(VerificationError, match="rows but no signed checkpoint"):
        Ledger.open(path, SIGNER, ORIGIN)


@pytest.mark.parametrize("change", ["size", "root", "signature", "garbage"])
def test_a_forged_checkpoint_is_refused(change, path):
    connection = sqlite3.connect(path)
    (note,) = connection.execute("SELECT note FROM checkpoint").fetchone()
    lines = note.decode().split("\n")
    if change == "size":
        lines[1] = "299"
    elif change == "root":
        lines[2] = "A" * 43 + "="
    elif change == "signature":
        lines[4] = lines[4][:-8] + "AAAAAAA="
    else:
        lines = ["garbage"]
    connection.execute("UPDATE checkpoint SET note = ?", ("\n".join(lines).encode(),))
    connection.commit()
    connection.close()
    assert found(path) == {"unreadable"}
    for use in (read_all, lambda p: Ledger.open(p, SIGNER, ORIGIN)):
        with pytest.raises(VerificationError):
            use(path)


def test_a_checkpoint_signed_by_the_attackers_own_key_is_refused(path):
    mallory = PrivateKey.generate(Algorithm.ED25519)
    tamper(path, "DELETE FROM entries", "DELETE FROM hashes", "DELETE FROM checkpoint")
    with Ledger.open(path, mallory, ORIGIN) as forged:
        forged.append([("evidence", b'{"outcome":"passed"}')])
    assert found(path) == {"unreadable"}
    with pytest.raises(VerificationError, match="not signed by a known key"):
        read_all(path)


def test_an_older_copy_put_back_is_found_with_an_earlier_checkpoint(path, tmp_path):
    copy = shutil.copy(path, tmp_path / "copy.db")
    with Ledger.open(path, SIGNER, ORIGIN) as ledger:
        ledger.append([("evidence", b"embarrassing")])
        kept = ledger.head.checkpoint
    assert found(copy) == set()
    assert found(copy, kept) == {"rolled-back"}
    with Ledger.open(copy, SIGNER, ORIGIN) as ledger:
        ledger.append([("evidence", b"rewritten history"), ("evidence", b"and more")])
    assert found(copy) == set()
    assert found(copy, kept) == {"rewritten"}
    assert found(path, kept) == set()


def test_a_running_ledger_notices_that_the_rows_were_rolled_back_under_it(path):
    with Ledger.open(path, SIGNER, ORIGIN) as ledger:
        before = ledger.checkpoint()
        ledger.append([("evidence", b"embarrassing")])
        connection = sqlite3.connect(path)
        connection.execute("DELETE FROM entries WHERE idx = 300")
        connection.execute("DELETE FROM hashes WHERE position > (SELECT 2 * 300 - 4 - 1)")
        connection.execute("UPDATE checkpoint SET note = ?", (before,))
        connection.commit()
        connection.close()
        with pytest.raises(VerificationError, match="rolled back"):
            ledger.append([("evidence", b"next")])
        with pytest.raises(VerificationError, match="rolled back"):
            list(ledger.entries())


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries WHERE idx = new.idx; END",
        "CREATE VIEW v AS SELECT * FROM entries",
        "CREATE TABLE more (x)",
        "ALTER TABLE entries ADD COLUMN more TEXT",
        "DROP INDEX entries_by_tag",
        "DROP TABLE hashes",
        "PRAGMA user_version = 0",
    ],
)
def test_a_trigger_or_any_other_change_of_the_schema_is_refused_at_the_door(statement, path):
    tamper(path, statement)
    with pytest.raises(VerificationError):
        Ledger.open(path, SIGNER, ORIGIN)


def test_a_row_that_is_not_even_text_is_told_and_crashes_nothing(path):
    tamper(path, "UPDATE entries SET kind = CAST(x'ff' AS TEXT) WHERE idx = 1")
    assert found(path) == {"unreadable"}
    with pytest.raises(VerificationError):
        read_all(path)


def test_bytes_overwritten_anywhere_in_the_file_never_give_a_wrong_entry(original, tmp_path):
    good = original.read_bytes()
    whole, refused = read_all(original), 0
    for number, place in enumerate(range(0, len(good), len(good) // 30)):
        path = tmp_path / f"{number}.db"
        path.write_bytes(good[:place] + bytes(b ^ 0xFF for b in good[place : place + 16]) + good[place + 16 :])
        try:
            clean = found(path) == set()
            assert read_all(path) == whole
        except SecmlopsError:
            refused += 1
        else:
            refused += not clean
    assert refused > 5
