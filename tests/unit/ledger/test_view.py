import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.log import Ledger
from secmlops.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from secmlops.ledger.view import LedgerView

ORIGIN = "ledger.example/test"


@pytest.fixture
def filled(ledger):
    ledger.append([(("access", "evidence")[i % 3 == 0], b"%d" % i, f"tag {i % 5}") for i in range(600)])
    return ledger


@pytest.fixture
def view(filled, path, signer):
    with LedgerView.read(path, [signer.public], ORIGIN) as opened:
        yield opened


def test_a_view_reads_with_the_public_key_alone(view):
    assert view.size == 600
    assert view.origin == ORIGIN
    assert view.entry(599) == (599, "access", b"599")
    assert [r.place for r in view.entries()] == list(range(600))


@pytest.mark.parametrize("start", [-3, 0, 255, 256, 257, 599, 600, 1000])
def test_entries_begin_anywhere_and_are_filtered_by_kind(view, start):
    assert [r.place for r in view.entries(start)] == list(range(max(start, 0), 600))
    assert [r.place for r in view.entries(start, "evidence")] == [i for i in range(0, 600, 3) if i >= start]


def test_entries_appended_later_are_not_in_an_iteration_under_way(filled):
    under_way = filled.entries()
    assert next(under_way).place == 0
    filled.append([("access", b"later")])
    assert sum(1 for _ in under_way) == 599


def test_a_tag_finds_its_entries_in_order(view):
    assert [r.place for r in view.find("tag 3")] == list(range(3, 600, 5))
    assert view.find("nothing") == []


def test_proofs_verify_against_signed_roots(filled):
    first = filled.head.checkpoint
    filled.append([("access", b"more")])
    second = filled.head.checkpoint
    verify_consistency(600, first.root, 601, second.root, filled.consistency(600, 601))
    verify_inclusion(leaf_hash(b"access\x001"), 1, 600, filled.inclusion(1, 600), first.root)
    verify_inclusion(leaf_hash(b"access\x001"), 1, 601, filled.inclusion(1, 601), second.root)


def test_what_is_not_there_is_an_input_error(view):
    for ask in (
        lambda: view.entry(600),
        lambda: view.entry(-1),
        lambda: view.receipt(600),
        lambda: view.inclusion(600, 600),
        lambda: view.inclusion(0, 601),
        lambda: view.consistency(1, 601),
        lambda: view.consistency(0, 600),
    ):
        with pytest.raises(InputError):
            ask()


def test_a_view_of_a_file_that_is_not_there_makes_none(path, signer):
    with pytest.raises(InputError, match="cannot be opened"):
        LedgerView.read(path, [signer.public], ORIGIN)
    assert not path.exists()


def test_a_view_notices_a_ledger_swapped_for_a_shorter_or_another_one(path, signer, tmp_path):
    with Ledger.open(path, signer, ORIGIN) as ledger:
        ledger.append([("access", b"a"), ("access", b"b")])
        seen = ledger.head
    for entries in ([("access", b"a")], [("access", b"a"), ("access", b"x")], [("access", b"x")] * 5):
        with Ledger.open(tmp_path / f"{len(entries)}.db", signer, ORIGIN) as other:
            other.append(entries)
            other._seen = seen
            with pytest.raises(VerificationError):
                _ = other.size
            with pytest.raises(VerificationError):
                other.append([("access", b"more")])
