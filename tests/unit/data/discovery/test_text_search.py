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
