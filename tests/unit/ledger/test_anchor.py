"""Anchors: written when they are due, and read back only where the log's key signed them for that log."""

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.anchor import ANCHOR, AnchoredLedger, read_anchors
from secmlops.ledger.entry import Entry
from secmlops.ledger.log import Ledger
from secmlops.trust.keys import Algorithm, PrivateKey

TRAFFIC = "ledger.example/test/traffic"
ENTRY = Entry("prediction", b"{}")


@pytest.fixture
def log(tmp_path, signer):
    with Ledger.open(tmp_path / "traffic.db", signer, TRAFFIC) as opened:
        yield opened


class Stopwatch:
    now = 0.0

    def __call__(self):
        return self.now


def sizes(outer, signer):
    return [c.size for c in read_anchors(outer, [signer.public], TRAFFIC).checkpoints]


def test_a_log_is_anchored_before_it_grows_and_after_so_many_entries(ledger, log, signer):
    anchored = AnchoredLedger(log, ledger, every_entries=3)
    for _ in range(7):
        anchored.append([ENTRY])
    assert sizes(ledger, signer) == [0, 3, 6]
    assert log.size == 7


def test_a_log_is_anchored_after_so_many_seconds(ledger, log, signer):
    watch = Stopwatch()
    anchored = AnchoredLedger(log, ledger, every_s=60, stopwatch=watch)
    for watch.now in (0, 59, 60, 61, 130):
        anchored.append([ENTRY])
    assert sizes(ledger, signer) == [0, 2, 4]


def test_a_log_that_has_not_grown_is_not_anchored_again(ledger, log, signer):
    anchored = AnchoredLedger(log, ledger)
    anchored.anchor()
    anchored.anchor()
    assert sizes(ledger, signer) == [0]
    anchored.append([ENTRY])
    anchored.anchor()
    assert sizes(ledger, signer) == [0, 1]


def test_two_that_write_one_log_anchor_what_both_wrote(ledger, log, signer):
    one, other = AnchoredLedger(log, ledger), AnchoredLedger(log, ledger)
    one.append([ENTRY])
    other.append([ENTRY])
    one.anchor()
    assert sizes(ledger, signer) == [0, 1, 2]


def test_a_log_that_cannot_be_anchored_does_not_grow(ledger, log):
    anchored = AnchoredLedger(log, ledger)
    ledger.close()
    with pytest.raises(InputError, match="closed"):
        anchored.append([ENTRY])
    assert log.size == 0


def test_only_what_the_key_signed_for_this_log_is_an_anchor(ledger, log, signer, tmp_path):
    with Ledger.open(tmp_path / "f.db", PrivateKey.generate(Algorithm.ED25519), TRAFFIC) as forger:
        notes = [log.checkpoint(), forger.checkpoint(), ledger.checkpoint(), b"", b"\xff", log.checkpoint()[:-9]]
    ledger.append([(ANCHOR, note) for note in notes])
    anchors = read_anchors(ledger, [signer.public], TRAFFIC)
    assert [c.size for c in anchors.checkpoints] == [0]
    assert anchors.forged == (1, 2, 3, 4, 5)


def test_anchors_in_a_log_that_was_changed_are_not_read(ledger, log, signer):
    AnchoredLedger(log, ledger).anchor()
    with ledger.storage.write() as writer:
        writer._connection.execute("UPDATE entries SET kind = 'other'")
    with pytest.raises(VerificationError):
        read_anchors(ledger, [signer.public], TRAFFIC)
