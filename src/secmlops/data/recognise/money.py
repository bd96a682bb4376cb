"""Recognises payment cards and bank accounts by their check digits."""

import re

from secmlops.data.recognise.check_digits import digits_of, luhn
from secmlops.data.recognise.header import numbered
from secmlops.data.recognise.heads import capitals, digits, letters, upto
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import NEVER, Recogniser

# Issuer ranges (ISO/IEC 7812-1) with the lengths in use: Visa, Mastercard, American Express, Discover, JCB, Diners,
# Maestro and UnionPay.
_ISSUER = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|(?:6011|64[4-9]\d|65\d{2})\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|(?:50|5[6-8]|6\d)\d{10,17}"
)


def is_card(text: str) -> bool:
    """Whether ``text`` holds the number of a payment card: issuer range, length and Luhn digit."""
    digits = digits_of(text)
    return bool(_ISSUER.fullmatch("".join(map(str, digits)))) and luhn(digits)


_NUMBER = r"\d{13,19}"
_GROUPS = (
    r"\d{4}[ .-]\d{4}[ .-]\d{4}[ .-]\d{1,4}(?:[ .-]\d{1,3})?|3[47]\d{2}[ .-]\d{6}[ .-]\d{5}|3\d{3}[ .-]\d{6}[ .-]\d{4}"
)
_CARD_WORDS = (
    "card", "card number", "card no", "cardnumber", "credit card", "debit card", "pan", "cc", "visa", "mastercard",
    "amex", "kreditkarte", "karte", "carte", "tarjeta", "carta", "kaart",
)  # fmt: skip

CARD = Recogniser(
    Kind.CARD,
    whole=rf"^\s*(?:{_NUMBER}|{_GROUPS})\s*$",
    hints=_CARD_WORDS,
    check=is_card,
    inside=_GROUPS,
    heads=digits(4),
    alone=0.9,
    scheme="payment card, Luhn's digit",
    bare_share=0.6,
)

CARD_WITHOUT_GROUPS = Recogniser(
    Kind.CARD,
    whole="",
    hints=_CARD_WORDS,
    check=is_card,
    inside=_NUMBER,
    heads=digits(*upto(19, 13)),
    alone=0.6,
    scheme="payment card, Luhn's digit",
    bare_share=NEVER,
)

_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21,
    "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18,
    "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23,
    "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27,
    "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26,
    "UA": 29, "VG": 24, "XK": 20,
}  # fmt: skip


def is_iban(text: str) -> bool:
    """Whether ``text`` is an IBAN: the length of its country, and 1 as remainder modulo 97 (ISO 13616-1)."""
    compact = _compact(text)
    if _LENGTHS.get(compact[:2]) != len(compact):
        return False
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def as_long_as_its_country_says(text: str) -> str:
    """Leave from the front of ``text`` as much as an IBAN of its country is long."""
    wanted = _LENGTHS.get(text[:2].upper(), 0)
    ends = [place for place, c in enumerate(text, start=1) if c.isalnum()]
    return text[: ends[wanted - 1]] if 0 < wanted <= len(ends) else text


def _compact(text: str) -> str:
    return re.sub(r"[\s.-]", "", text).upper()


_ACCOUNT = r"[A-Za-z]{2}\d{2}(?:[ .-]?[A-Za-z0-9]{4}){2,7}(?:[ .-]?[A-Za-z0-9]{1,3})?"
IBAN = Recogniser(
    Kind.IBAN,
    whole=rf"^\s*{_ACCOUNT}\s*$",
    hints=("iban", "account", "bank account", "konto", *numbered("konto", "bankkonto"), "bankverbindung"),
    check=is_iban,
    inside=_ACCOUNT,
    heads=capitals(2),
    cut=as_long_as_its_country_says,
    alone=0.98,
    scheme="IBAN, length of its country and remainder 1 modulo 97",
    anywhere=True,
    hinted_share=0.1,
    bare_share=0.1,
    suggestion="encrypt",
)

IBAN_IN_SMALL_LETTERS = Recogniser(
    Kind.IBAN,
    whole="",
    hints=IBAN.hints,
    check=is_iban,
    inside=_ACCOUNT,
    heads=letters(2),
    cue_words=IBAN.hints,
    cut=as_long_as_its_country_says,
    alone=0.98,
    scheme=IBAN.scheme,
    suggestion="encrypt",
)
