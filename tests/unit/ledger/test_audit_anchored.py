"""The audit of an anchored log: gone, begun anew, rolled back, rewritten, never anchored, or anchored by a forger."""

import pytest

from secmlops.ledger.anchor import ANCHOR, AnchoredLedger
from secmlops.ledger.audit_anchored import audit_anchored
from secmlops.ledger.checkpoint import Checkpoint, sign_checkpoint
from secmlops.ledger.entry import Entry
from secmlops.ledger.log import Ledger
from secmlops.ledger.view import LedgerView
from secmlops.trust.keys import Algorithm, PrivateKey

OUTER = "ledger.example/test"
TRAFFIC = f"{OUTER}/traffic"


def grown(path, signer, outer, count, text=b"{}"):
    """A log of so many entries, anchored after each."""
    with Ledger.open(path, signer, TRAFFIC) as log:
        anchored = AnchoredLedger(log, outer, every_entries=1)
        for n in range(count):
            anchored.append([Entry("prediction", text + b"%d" % n)])
        anchored.anchor()


def rules(path, signer, outer, *earlier):
    if path is None:
        report = audit_anchored(None, [signer.public], TRAFFIC, outer, *earlier)
    else:
        with Ledger.open(path, signer, TRAFFIC) as log:
            report = audit_anchored(log.storage, [signer.public], TRAFFIC, outer, *earlier)
    return [finding.rule for finding in report.findings]


def test_a_log_that_is_as_its_anchors_say_is_sound(tmp_path, signer, ledger):
    grown(tmp_path / "t.db", signer, ledger, 5)
    grown(tmp_path / "t.db", signer, ledger, 2, b"later")
    assert rules(tmp_path / "t.db", signer, ledger) == []


def test_where_there_never_was_a_log_none_is_missed(signer, ledger):
    assert rules(None, signer, ledger) == []


def test_a_log_that_is_gone_is_missed(tmp_path, signer, ledger):
    grown(tmp_path / "t.db", signer, ledger, 5)
    assert rules(None, signer, ledger) == ["ledger.log-missing"]


def test_a_log_that_was_kept_and_is_gone_is_missed_without_anchors(tmp_path, signer, ledger):
    with Ledger.open(tmp_path / "t.db", signer, TRAFFIC) as log:
        assert rules(None, signer, ledger, log.head.checkpoint) == ["ledger.log-missing"]


def test_a_log_that_was_rolled_back_behind_its_anchors_is_found(tmp_path, signer, ledger):
    grown(tmp_path / "t.db", signer, ledger, 3)
    copy = tmp_path / "copy.db"
    copy.write_bytes((tmp_path / "t.db").read_bytes())
    grown(tmp_path / "t.db", signer, ledger, 1)
    assert rules(copy, signer, ledger) == ["ledger.rolled-back"]


@pytest.mark.parametrize("count", [3, 9])
def test_a_log_that_was_begun_anew_with_the_key_is_found(tmp_path, signer, ledger, count):
    grown(tmp_path / "t.db", signer, ledger, 3)
    with Ledger.open(tmp_path / "new.db", signer, TRAFFIC) as log:
        log.append([Entry("prediction", b"other")] * count)
    assert rules(tmp_path / "new.db", signer, ledger) == ["ledger.rewritten"]


def test_a_log_without_anchors_is_found(tmp_path, signer, ledger):
    with Ledger.open(tmp_path / "t.db", signer, TRAFFIC) as log:
        assert rules(tmp_path / "t.db", signer, ledger) == []
        log.append([Entry("prediction", b"{}")])
    assert rules(tmp_path / "t.db", signer, ledger) == ["ledger.anchor-missing"]


def test_an_anchor_that_was_forged_is_found_and_counts_for_nothing(tmp_path, signer, ledger):
    grown(tmp_path / "t.db", signer, ledger, 1)
    ledger.append([(ANCHOR, b"forged")])
    assert rules(tmp_path / "t.db", signer, ledger) == ["ledger.anchor-forged"]


def test_anchors_in_a_log_that_was_changed_are_told_and_not_believed(tmp_path, signer, ledger):
    grown(tmp_path / "t.db", signer, ledger, 1)
    with ledger.storage.write() as writer:
        writer._connection.execute("UPDATE entries SET kind = 'other'")
    assert "ledger.anchors-unreadable" in rules(tmp_path / "t.db", signer, ledger)


@pytest.fixture
def successor():
    """The key that signs after the first one was revoked."""
    return PrivateKey.generate(Algorithm.ED25519)


def handed_over(tmp_path, signer, successor):
    """Path of the traffic log, and the evidence log, after the key was changed and both were written to again."""
    path, outer = tmp_path / "t.db", tmp_path / "outer.db"
    with Ledger.open(outer, signer, OUTER) as ledger:
        grown(path, signer, ledger, 4)
    with Ledger.open(outer, successor, OUTER, [signer.public]) as ledger:
        ledger.append([("note", b"{}")])
    with Ledger.open(path, successor, TRAFFIC, [signer.public]) as log:
        log.append([("prediction", b"{}")])
    return path, Ledger.open(outer, successor, OUTER)


def audited(path, successor, outer, *revoked):
    with LedgerView.read(path, [successor.public], TRAFFIC) as log, outer:
        storage = log.storage
        return audit_anchored(storage, [successor.public], TRAFFIC, outer, revoked=[key.public for key in revoked])


def test_anchors_of_a_key_that_was_revoked_later_still_stand(tmp_path, signer, successor):
    path, outer = handed_over(tmp_path, signer, successor)
    assert audited(path, successor, outer, signer).findings == ()


def test_anchors_of_a_key_that_never_was_the_logs_are_forged(tmp_path, signer, successor):
    path, outer = handed_over(tmp_path, signer, successor)
    report = audited(path, successor, outer)
    assert "ledger.anchor-forged" in [finding.rule for finding in report.findings]
    assert "anchors are no signed checkpoint" in report.findings[0].message


def test_a_log_that_does_not_fit_an_anchor_of_a_revoked_key_is_told_apart(tmp_path, signer, successor):
    path, outer = handed_over(tmp_path, signer, successor)
    with outer:  # what a thief of the first key made, before it was revoked
        outer.append([Entry(ANCHOR, sign_checkpoint(Checkpoint(TRAFFIC, 3, b"r" * 32), signer))])
    report = audited(path, successor, Ledger.open(tmp_path / "outer.db", successor, OUTER), signer)
    assert [finding.rule for finding in report.findings] == ["ledger.anchor-doubtful"]


def test_a_log_that_is_gone_is_missed_by_the_anchors_of_a_revoked_key_alone(tmp_path, signer, successor):
    _, outer = handed_over(tmp_path, signer, successor)
    with outer:
        report = audit_anchored(None, [successor.public], TRAFFIC, outer, revoked=[signer.public])
    assert [finding.rule for finding in report.findings] == ["ledger.log-missing"]
    assert "4 entries" in report.findings[0].message


def test_one_forged_anchor_is_told_as_one(tmp_path, signer, ledger):
    grown(tmp_path / "t.db", signer, ledger, 2)
    ledger.append([Entry(ANCHOR, b"no checkpoint")])
    with Ledger.open(tmp_path / "t.db", signer, TRAFFIC) as log:
        (found,) = audit_anchored(log.storage, [signer.public], TRAFFIC, ledger).findings
    assert found.message.startswith("1 anchor is no signed checkpoint of this log, entry of ")
