"""What national and tax identifiers have in common: the words of their headers, and how sure a number alone is."""

from collections.abc import Callable
from dataclasses import replace

from secmlops.data.recognise.document import NO_NUMBER
from secmlops.data.recognise.header import numbered
from secmlops.data.recognise.heads import Heads
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import NEVER, Recogniser

_HINTS = (
    "national id", "national number", "national identifier", "nationalid", "identity number", "id number",
    "identity card", "personal number", "personal id", "tax number", "tax id", "tax no", "taxid", "tin", "citizen id",
    "social security", "insurance number",
)  # fmt: skip
_OTHER_NUMBERS = frozenset({"isbn", "ean", "gtin", "imei", "barcode", "iccid", "issn"})


def scheme(
    form: str, heads: Heads, check: Callable[[str], bool], name: str, *words: str, sure: float = 0.0
) -> Recogniser:
    """Return the recogniser of a scheme called ``name`` whose values have the ``form``; ``words`` name it.

    ``sure`` (0 to 1): how sure a number in prose is without a word beside it. Two check digits, or one and a date,
    make it so; one decimal check digit fits one number in ten, and a word must then name it. In a column most of the
    values must fit, fewer of a sure scheme.
    """
    return Recogniser(
        Kind.NATIONAL_ID,
        whole=rf"^\s*(?:{form})\s*$",
        hints=(*_HINTS, *words),
        silent=_OTHER_NUMBERS,
        check=check,
        inside=form,
        heads=heads,
        alone=sure,
        scheme=name,
        hinted_share=0.3,
        bare_share=0.3 if sure >= 0.9 else 0.7,
        suggestion="pseudonymise",
    )


def named_scheme(form: str, heads: Heads, check: Callable[[str], bool], name: str, *words: str) -> Recogniser:
    """Return the recogniser of a scheme that other numbers fit too often: a word must always name it."""
    return replace(scheme(form, heads, check, name, *words), bare_share=NEVER)


NATIONAL_DOCUMENT = Recogniser(
    Kind.NATIONAL_ID,
    whole=r"^\s*[A-Za-z]{0,3}[ -]?\d[0-9A-Za-z ./-]{4,22}\s*$",
    headers=(
        "ssn", "social security", "social security number", "social security no", "sin number", "itin",
        "identity card number", "national insurance number", "steuer id", "steuerid", "svnr", "rvnr",
        *numbered(
            "personalausweis", "ausweis", "steuer", "steuer identifikations", "steueridentifikations", "versicherungs",
            "sozialversicherungs", "rentenversicherungs", "sv",
        ),
    ),
    excluded=NO_NUMBER,
    scheme="the number of an identity document",
    bare_share=NEVER,
    suggestion="pseudonymise",
)  # fmt: skip
"""Numbers that are no number of a scheme known here: in a column their header must name them."""


def is_day(year: int, month: int, day: int) -> bool:
    """Whether month and day can be those of a date; the year is for February only, and may have two digits."""
    longest = (31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= month <= 12 and 1 <= day <= longest[month - 1]
