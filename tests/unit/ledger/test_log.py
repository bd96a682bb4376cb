import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.checkpoint import read_checkpoint
from secmlops.ledger.log import Ledger
from secmlops.ledger.merkle import EMPTY_ROOT
from secmlops.ledger.receipt import verify_receipt
from secmlops.ledger.sqlite import SqliteStorage
from secmlops.trust.keys import Algorithm, PrivateKey

ORIGIN = "ledger.example/test"


def test_a_new_ledger_begins_with_a_signed_checkpoint_of_size_zero(ledger, signer):
    start = read_checkpoint(ledger.checkpoint(), [signer.public], ORIGIN)
    assert (start.size, start.root) == (0, EMPTY_ROOT)
    assert ledger.size == 0


def test_entries_are_appended_in_order_and_covered_by_the_checkpoint(ledger, signer):
    assert ledger.append([("evidence", b"a"), ("verdict", b"b", "tag")]) == range(2)
    assert ledger.append([]) == range(2, 2)
    assert ledger.append([("access", b"c")]) == range(2, 3)
    assert read_checkpoint(ledger.checkpoint(), [signer.public], ORIGIN).size == ledger.size == 3
    assert [tuple(r) for r in ledger.entries()] == [(0, "evidence", b"a"), (1, "verdict", b"b"), (2, "access", b"c")]


def test_a_ledger_goes_on_where_it_was_closed(path, signer):
    for n in range(9):
        with Ledger.open(path, signer, ORIGIN) as ledger:
            assert ledger.append([("access", b"%d" % n), ("access", b"x")]) == range(2 * n, 2 * n + 2)
    with Ledger.open(path, signer, ORIGIN) as ledger:
        assert [r.data for r in ledger.entries()][::2] == [b"%d" % n for n in range(9)]
        assert verify_receipt(ledger.receipt(16), signer.public) == b"access\x008"


def test_two_writers_on_one_file_take_turns(ledger, path, signer):
    with Ledger.open(path, signer, ORIGIN) as other:
        for n in range(6):
            assert list((ledger, other)[n % 2].append([("access", b"%d" % n)])) == [n]
        assert [r.data for r in ledger.entries()] == [r.data for r in other.entries()]


def test_one_bad_entry_keeps_the_whole_batch_out(ledger):
    with pytest.raises(InputError, match="not a kind"):
        ledger.append([("access", b"good"), ("Bad", b"")])
    assert ledger.size == 0


def test_another_key_or_origin_cannot_open_the_ledger(ledger, path):
    other = PrivateKey.generate(Algorithm.ED25519)
    with pytest.raises(VerificationError, match="not signed by a known key"):
        Ledger.open(path, other, ORIGIN)
    with pytest.raises(VerificationError, match="another log"):
        Ledger.open(path, other, "ledger.example/other")


def test_a_key_that_cannot_sign_notes_begins_no_ledger(path):
    with pytest.raises(InputError, match="Ed25519"):
        Ledger.open(path, PrivateKey.generate(Algorithm.ECDSA_P256), ORIGIN)


def test_a_new_key_goes_on_when_the_earlier_one_is_named(ledger, path, signer):
    ledger.append([("access", b"old")])
    new = PrivateKey.generate(Algorithm.ED25519)
    with Ledger.open(path, new, ORIGIN, earlier=[signer.public]) as renewed:
        assert renewed.append([("access", b"new")]) == range(1, 2)
        assert verify_receipt(renewed.receipt(0), new.public) == b"access\x00old"
    with pytest.raises(VerificationError, match="not signed by a known key"):
        ledger.append([("access", b"by the old key")])


def test_a_failed_commit_leaves_nothing_and_the_next_one_works(path, signer):
    class Failing(SqliteStorage):
        fail = False

        def write(self):
            if self.fail:
                raise InputError("no turn")
            return super().write()

    storage = Failing(path)
    with Ledger(storage, signer, ORIGIN) as ledger:
        storage.fail = True
        with pytest.raises(InputError, match="no turn"):
            ledger.append([("access", b"lost")])
        storage.fail = False
        assert ledger.append([("access", b"kept")]) == range(1)
        assert ledger.size == 1
