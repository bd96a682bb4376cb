"""Finds personal data in free text: where it stands, of which kind it is, how sure that is, and why."""

from dataclasses import dataclass

from secmlops.data.recognise.candidates import Candidate, places_of
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.plain_text import plain_with_places


@dataclass(frozen=True, slots=True)
class Span:
    """A mention: characters ``start`` to ``end`` (exclusive) of the text are of ``kind``, with ``confidence`` 0 to 1.

    ``why`` tells what was recognised, and the word beside it, in words of this program; nothing of the text is in it.
    """

    start: int
    end: int
    kind: Kind
    confidence: float
    why: str


def spans(text: str) -> tuple[Span, ...]:
    """Mentions of personal data in ``text``, in order, none overlapping another.

    Where several recognisers accept the same place the surest one counts, then the one whose word is nearest, then the
    longest mention.
    """
    plain, places = plain_with_places(text)
    found = (place.best for place in places_of(plain) if place.best is not None)
    return tuple(
        Span(places(c.start), places(c.end - 1) + 1, c.recogniser.kind, round(c.confidence, 2), _why(c)) for c in found
    )


def _why(candidate: Candidate) -> str:
    scheme = candidate.recogniser.scheme
    return f"{scheme}, beside the word {candidate.word!r}" if candidate.word else scheme
