"""The words beside a mention: which of them name a kind of personal data, and which say that it is something else."""

import re
from collections.abc import Iterable

from secmlops.data.recognise.header import header_words

BEFORE, AFTER = 70, 30
"""Characters before and after a mention in which words count."""

_NEAR, _FAR = 6, 99
OTHER_THINGS = frozenset(
    {
        "order", "orders", "invoice", "reference", "ref", "tracking", "batch", "lot", "serial", "sku", "timestamp",
        "epoch",
        "version", "article", "item", "ticket", "case", "part", "build", "isbn", "ean", "gtin", "imei", "barcode",
        "iccid",
        "quantity", "qty", "measured", "reading", "sensor", "total", "amount", "sum", "shipment", "parcel",
        "transaction",
        "txn", "trace", "span", "request", "session", "job", "commit", "revision", "pid", "port", "checksum", "hash",
        "offset", "bytes", "size", "duration", "ms", "seconds", "rows", "count", "model", "bestellung", "bestellnummer",
        "rechnung", "rechnungsnummer", "auftrag", "auftragsnummer", "commande", "facture", "pedido", "factura",
        "firmware", "release", "stock", "warehouse", "product", "asset", "contract", "claim", "booking",
    }
)  # fmt: skip
"""Words before a number that say what it counts or names, and that is no person."""


_CUT_WORD = re.compile(r"\w*\W")
_CLOSED = re.compile(r"<([\w-]{1,60})[^<>]{0,60}>[^<>]{0,70}</\1>|</[^<>]{0,60}>")
_SAYS_WHAT_IT_WAS = re.compile(r" (?:\(|\[|is |was |as )")


class Context:
    """Words around one place of a text, told apart once for all recognisers that ask."""

    __slots__ = ("_after", "_before", "_other")

    def __init__(self, text: str, start: int, end: int, since: int = 0) -> None:
        """Words around ``start`` to ``end`` of ``text``, none of those before ``since``."""
        before = header_words(_from_a_word_on(text, start, since))
        self._before = f" {' '.join(before)} "
        told = _SAYS_WHAT_IT_WAS.match(text, end)
        after = header_words(text[end : end + AFTER].partition("\n")[0]) if told else ()
        self._after = f" {' '.join(after)} "
        self._other = _FAR
        if not OTHER_THINGS.isdisjoint(before):
            self._other = next(i for i, word in enumerate(reversed(before)) if word in OTHER_THINGS)

    @property
    def of_another_thing(self) -> bool:
        """Whether a word just before the place names something that is no person."""
        return self._other < _NEAR // 2

    def denies(self, words: frozenset[str]) -> bool:
        """Whether the last word before the place, numbers left out, is one of these."""
        return bool(words) and next((word for word in self._before.split()[::-1] if not word.isdigit()), "") in words

    def names(self, phrases: Iterable[str]) -> tuple[int, str]:
        """How many words away the nearest of the phrases stands, and which it is; 99 and nothing where none counts.

        A phrase counts within six words before the place, unless a word for another thing is nearer, or behind it where
        the text goes on with what it is.
        """
        best = (_FAR, "")
        for phrase in phrases:
            place = self._before.rfind(f" {phrase} ")
            if place >= 0:
                away = self._before.count(" ", place + len(phrase) + 2)
                if away < best[0] and away <= min(_NEAR, self._other):
                    best = (away, phrase)
        if best[0] < _FAR or self._other < _NEAR:
            return best
        return next(((_NEAR, phrase) for phrase in phrases if f" {phrase} " in self._after), best)


def _from_a_word_on(text: str, end: int, since: int) -> str:
    """Text before a place, without the word that its beginning cuts."""
    start = max(since, end - BEFORE, 0)
    cut = _CUT_WORD.match(text, start, end) if start and start > since else None
    window = text[cut.end() if cut else start : end]
    return _CLOSED.sub(" ", window) if "</" in window else window
