import re

import pytest

from secmlops.core.errors import InputError
from secmlops.data.discovery.text_search import PIECE_CHARACTERS, decoded, pieces, search


def test_lines_and_columns_count_from_one() -> None:
    text = "first\nIBAN DE89 3704 0044 0532 0130 00\n\nanna@example.org"
    told = [(m.line, m.column, text[m.span.start : m.span.end]) for m in search(text)]
    assert told == [(2, 6, "DE89 3704 0044 0532 0130 00"), (4, 1, "anna@example.org")]


def test_places_hold_beyond_the_first_piece() -> None:
    text = "a line of words\n" * 10_000 + "x anna@example.org\n" + "words " * 20_000 + "paul@example.org"
    first, second = search(text)
    assert (first.line, first.column) == (10_001, 3)
    assert text[first.span.start : first.span.end] == "anna@example.org"
    assert (second.line, second.column) == (10_002, 120_001)
    assert text[second.span.start : second.span.end] == "paul@example.org"


@pytest.mark.parametrize("text", ["", "x", "ab " * 50_000, "y" * 200_000, "\n" * 70_000])
def test_pieces_make_up_the_text(text: str) -> None:
    cut = list(pieces(text))
    assert "".join(cut) == text
    assert all(0 < len(piece) <= PIECE_CHARACTERS for piece in cut)


def test_each_line_is_read_in_its_own_encoding() -> None:
    text, notes = decoded("Müller\n".encode() + "Müller\n".encode("cp1252"), "a.txt")
    assert text == "Müller\nMüller\n"
    assert [note.rule for note in notes] == ["reading.encoding"]
    assert "1 of 3 lines" in notes[0].message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_one_encoding_is_read_as_it_is(encoding: str) -> None:
    text, notes = decoded("Müller anna@example.org".encode(encoding), "a.txt")
    assert text == "Müller anna@example.org"
    assert all("Windows" not in note.message for note in notes)


def test_binary_bytes_are_refused() -> None:
    with pytest.raises(InputError, match="NUL"):
        decoded(b"PNG\0", "x.png")


MARKED = "Müller\nanna@example.org\n".encode("utf-16")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (MARKED[2:], "a.txt, line 1: .*looks like UTF-16.*mark at the beginning"),
        ("Müller\n".encode() + MARKED, "a.txt, line 2: .*at byte 11: .*looks like UTF-16"),
        (b"x" * 2**20 + b"\n\0PNG" * 100, "line 2: .*at byte 1048577: this is no text"),
        (MARKED + b"x", "broken UTF-16 text, at or shortly before byte 5"),
    ],
)
def test_a_text_that_changes_its_encoding_is_refused_with_the_place_and_what_to_do(data: bytes, told: str) -> None:
    with pytest.raises(InputError) as refused:
        decoded(data, "a.txt")
    assert re.search(told, str(refused.value), re.DOTALL), str(refused.value)
    assert "save or export it so" in str(refused.value)


def test_the_first_line_of_another_encoding_is_told_with_its_byte() -> None:
    (note,) = decoded("ä\n".encode() + (b"x" * 1000 + b"\nM\xfcller\n") * 1_100, "a.txt")[1]
    assert "1,100 of 2,202 lines not in UTF-8, the first at byte 1005" in note.message
    assert note.where == "a.txt, line 3"


@pytest.mark.parametrize("character", ["x", "ä", "€", "𝄞"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_line_longer_than_is_decoded_at_once_is_whole(character: str, encoding: str) -> None:
    line = "x" + character * 600_000
    assert decoded(line.encode(encoding), "a.txt")[0] == line
