import dataclasses
import sqlite3

import pytest

from secmlops.core.errors import InputError
from secmlops.ledger.audit import NAMED, _Tally, audit
from secmlops.trust.keys import Algorithm, PrivateKey

ORIGIN = "ledger.example/test"


@pytest.fixture
def filled(ledger):
    ledger.append([("access", b"%d" % i) for i in range(100)])
    return ledger


def rules(report):
    return [f.rule for f in report.findings]


def change(path, *statements):
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_an_untouched_ledger_has_no_findings(filled, signer):
    earlier = filled.head.checkpoint
    filled.append([("access", b"more")])
    for known in ((), (earlier,), (filled.head.checkpoint, earlier, earlier)):
        report = audit(filled.storage, signer.public, ORIGIN, *known)
        assert report.ok
        assert (report.size, report.entries, report.findings) == (101, 101, ())


def test_an_empty_ledger_is_audited_too(ledger, signer):
    report = audit(ledger.storage, [signer.public], ORIGIN, ledger.head.checkpoint)
    assert report.ok
    assert (report.size, report.entries) == (0, 0)


def test_an_earlier_checkpoint_shows_a_ledger_rolled_back_or_rewritten(filled, signer):
    now = filled.head.checkpoint
    ahead = dataclasses.replace(now, size=101)
    assert rules(audit(filled.storage, signer.public, ORIGIN, ahead)) == ["ledger.rolled-back"]
    for size in (0, 1, 64, 100):
        other = dataclasses.replace(now, size=size, root=bytes(32))
        assert rules(audit(filled.storage, signer.public, ORIGIN, other)) == ["ledger.rewritten"]


def test_a_checkpoint_of_another_ledger_cannot_be_compared(filled, signer):
    with pytest.raises(InputError, match="another ledger"):
        audit(filled.storage, signer.public, ORIGIN, dataclasses.replace(filled.head.checkpoint, origin="other"))


def test_the_wrong_key_or_origin_verifies_nothing(filled, signer):
    other = PrivateKey.generate(Algorithm.ED25519)
    assert rules(audit(filled.storage, other.public, ORIGIN)) == ["ledger.unreadable"]
    assert rules(audit(filled.storage, signer.public, "other")) == ["ledger.unreadable"]


def test_the_changed_rows_are_named_and_a_long_list_is_cut(filled, path, signer):
    change(path, "UPDATE entries SET data = x'00' WHERE idx IN (3, 77)")
    report = audit(filled.storage, signer.public, ORIGIN)
    assert rules(report) == ["ledger.root-mismatch", "ledger.entry-changed", "ledger.hash-changed"]
    assert report.findings[1].message == "2 entries are not what was recorded: 3, 77"
    change(path, "UPDATE entries SET data = x'00'")
    told = audit(filled.storage, signer.public, ORIGIN).findings[1].message
    assert told.startswith("100 entries")
    assert told.endswith("19 and more")
    assert told.count(",") == NAMED - 1


def test_missing_rows_are_named_and_the_others_not_blamed(filled, path, signer):
    change(path, "DELETE FROM entries WHERE idx IN (0, 50, 99)")
    report = audit(filled.storage, signer.public, ORIGIN)
    assert rules(report) == ["ledger.root-mismatch", "ledger.entry-missing"]
    assert report.findings[1].message == "3 entries are missing: 0, 50, 99"
    assert report.entries == 97


def test_a_changed_stored_hash_is_told_apart_from_a_changed_entry(filled, path, signer):
    change(path, "UPDATE hashes SET hash = zeroblob(32) WHERE position IN (0, 2)")
    report = audit(filled.storage, signer.public, ORIGIN)
    assert [f.message for f in report.findings] == [
        "1 stored leaf hash is wrong, that of entry: 0",
        "1 stored tree hash does not follow from the entries, at: 1",
    ]


def test_a_row_with_several_faults_is_named_once_and_one_fault_is_told_as_one() -> None:
    tally = _Tally()
    tally.add(23)
    told = ("entry-missing", "entry is missing", "entries are missing")
    assert [f.message for f in tally.told(*told)] == ["1 entry is missing: 23"]
    for row in (23, 23, *range(30, 30 + NAMED - 1), 99, 99):
        tally.add(row)
    (found,) = tally.told(*told)
    assert found.message.startswith(f"{NAMED + 4} entries are missing: 23, 30, 31, ")
    assert found.message.endswith(f", {30 + NAMED - 2} and more")
