import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.entry import MAX_LEAF_SIZE, Entry, checked_entry, leaf_bytes, open_leaf


def test_a_leaf_gives_back_its_kind_and_data():
    leaf = leaf_bytes("evidence", b"a\x00b")
    assert leaf == b"evidence\x00a\x00b"
    assert open_leaf(leaf) == ("evidence", b"a\x00b")


@pytest.mark.parametrize("leaf", [b"", b"evidence", b"\x00data", b"Evidence\x00x", b"e v\x00x", b"\xc3\xa9\x00x"])
def test_bytes_that_are_no_entry_are_refused(leaf):
    with pytest.raises(VerificationError, match="not an entry"):
        open_leaf(leaf)


@pytest.mark.parametrize("kind", ["", "Evidence", "1st", "a\x00b", "a b", "a" * 33, "evidence\n"])
def test_a_kind_that_could_be_read_two_ways_is_refused(kind):
    with pytest.raises(InputError, match="not a kind"):
        checked_entry((kind, b""))


def test_the_largest_entry_fits_and_one_byte_more_does_not():
    room = MAX_LEAF_SIZE - len("access") - 1
    assert checked_entry(("access", bytes(room))) == Entry("access", bytes(room), None)
    with pytest.raises(InputError, match="too large"):
        checked_entry(("access", bytes(room + 1)))


@pytest.mark.parametrize("tag", ["", "x" * 513, "a\nb", "\ud800"])
def test_a_tag_out_of_bounds_is_refused(tag):
    with pytest.raises(InputError, match="a tag has"):
        checked_entry(("access", b"", tag))
