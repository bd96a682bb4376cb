import pytest

from secmlops.core.errors import VerificationError
from secmlops.ledger.entry import Record
from secmlops.ledger.vouched import check_chunk, check_continues, chunk_roots, entry_at, included, stored_nodes


@pytest.fixture
def rows(ledger):
    ledger.append([("access", b"%d" % i) for i in range(300)])
    with ledger.storage.snapshot() as reader:
        yield reader


def test_chunks_pass_whole_and_unchanged_only(rows, ledger):
    roots = chunk_roots(rows, ledger.head.checkpoint)
    assert len(roots) == 2
    second = rows.entries(256, 256)
    check_chunk(second, 1, roots[1])
    changed = [*second[:-1], Record(299, "access", b"x")]
    for wrong in (second[:-1], second[1:], [second[1], second[0], *second[2:]], changed, []):
        with pytest.raises(VerificationError):
            check_chunk(wrong, 1, roots[1])


def test_a_record_passes_at_its_own_place_only(rows, ledger):
    record = entry_at(rows, ledger.head, 7)
    assert included(record, rows, ledger.head)[0] is record
    for wrong in (record._replace(place=8), record._replace(kind="verdict"), record._replace(data=b"8")):
        with pytest.raises(VerificationError, match="not what was recorded"):
            included(wrong, rows, ledger.head)
    for place in (-1, 300):
        with pytest.raises(VerificationError, match="not covered"):
            included(record._replace(place=place), rows, ledger.head)


def test_a_checkpoint_continues_itself_and_nothing_of_another_root(rows, ledger):
    now = ledger.head.checkpoint
    check_continues(now, now, stored_nodes(rows))
    with pytest.raises(VerificationError, match="two different trees"):
        check_continues(now, type(now)(now.origin, now.size, bytes(32)), stored_nodes(rows))
