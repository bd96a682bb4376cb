"""Searches a whole text, however long and in whatever encodings, for personal data, and says where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from secmlops.core.finding import Finding
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
    """Text in ``data``, and what was doubtful about it: see ``formats.text``.

    Raises InputError for NUL bytes: they mean a binary file.
    """
    utf8, notes = to_utf8(data, name)
    return utf8.decode("utf-8"), notes


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
