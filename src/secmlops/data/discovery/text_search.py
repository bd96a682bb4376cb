"""Searches a whole text, however long and in whatever encodings, for personal data, and says where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from secmlops.core.finding import Finding, Severity
from secmlops.data.discovery.entity_model import EntityModel, with_entities
from secmlops.data.formats.text import to_utf8
from secmlops.data.recognise.spans import Span, spans

PIECE_CHARACTERS = 65_536
"""A text is searched in pieces of at most this, cut between lines or else between words."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of the whole text, and the ``line`` and ``column``, both from 1, at which it begins."""

    span: Span
    line: int
    column: int


def decoded(data: bytes, name: str) -> tuple[str, tuple[Finding, ...]]:
    """Text in ``data``: UTF-8, UTF-16 with its mark, or line by line whichever of UTF-8 and Windows-1252 each line is.

    Raises InputError for NUL bytes: they mean a binary file.
    """
    utf8, notes = to_utf8(data, name)
    if not any(note.severity is Severity.WARNING for note in notes):
        return utf8.decode("utf-8"), notes
    lines = [_line(line) for line in data.split(b"\n")]
    text = "\n".join(line for line, _ in lines)
    foreign = sum(not plain for _, plain in lines)
    told = f"{foreign} of {len(lines)} lines are not UTF-8 and were read as Windows-1252: accents there may be wrong"
    return text, (Finding("reading.encoding", Severity.WARNING, told, name, "save the file as UTF-8"),)


def _line(line: bytes) -> tuple[str, bool]:
    try:
        return line.decode("utf-8"), True
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace"), False


def search(text: str, model: EntityModel | None = None) -> Iterator[Mention]:
    """Mentions of personal data in ``text``, in order; those of a ``model`` too where one is given."""
    start, line, line_start = 0, 1, 0
    for piece in pieces(text):
        found = spans(piece)
        if model is not None:
            (found,) = with_entities([piece], [found], model)
        seen = 0
        for span in found:
            breaks = piece.count("\n", seen, span.start)
            if breaks:
                line, line_start = line + breaks, start + piece.rindex("\n", seen, span.start) + 1
            seen = span.start
            moved = Span(start + span.start, start + span.end, span.kind, span.confidence, span.why)
            yield Mention(moved, line, start + span.start - line_start + 1)
        rest = piece.count("\n", seen)
        if rest:
            line, line_start = line + rest, start + piece.rindex("\n", seen) + 1
        start += len(piece)


def pieces(text: str) -> Iterator[str]:
    """Pieces of ``text`` that make it up; a mention is cut only where no line or word ends for 65,536 characters."""
    at = 0
    while at < len(text):
        end = at + PIECE_CHARACTERS
        if end < len(text):
            cut = max(text.rfind("\n", at, end), 0) or max(text.rfind(" ", at, end), 0)
            end = cut + 1 if cut > at else end
        yield text[at:end]
        at = end
