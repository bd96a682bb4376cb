"""Recognises phone numbers: international ones by their country's numbering plan, national ones by habit or a word."""

import re

import phonenumbers

from secmlops.data.recognise.header import numbered
from secmlops.data.recognise.heads import ANY, Heads, upto
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import NEVER, Recogniser

_SEPARATOR = r"(?:[ ./-]?\(0\)[ ./-]?|[ .-]?\(|\)[ .-]?|[ ./-]{0,2})"
_INTERNATIONAL = rf"(?:\+|00)[1-9](?:{_SEPARATOR}\d){{6,13}}"
_NORTH_AMERICAN = r"(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[.-])[2-9]\d{2}[ .-]\d{4}"
_MOBILE_START = r"01(?:5\d|6[023]|7\d)"
_MOBILE_SPACED = (
    rf"(?:{_MOBILE_START}[ /-]\d{{3,4}} ?\d{{4}}|07[1-57-9]\d{{2}} \d{{3}} ?\d{{3}}|0[67](?:[ .-]\d{{2}}){{4}})"
)
_MOBILE_COMPACT = rf"(?:{_MOBILE_START}\d{{7,8}}|07[1-57-9]\d{{8}})"
_MOBILE_FORM = re.compile(rf"\s*(?:{_MOBILE_SPACED}|{_MOBILE_COMPACT})\s*", re.ASCII)
_WORDS = (
    "phone", "telephone", "tel", "mobile", "cellphone", "cell phone", "phonenumber", "fax", "telefono", "teléfono",
    "telephone number", "portable", "telefon", "handy", "mobil", "mobiltelefon", "festnetz",
    *numbered("telefon", "handy", "mobil", "mobiltelefon", "mobilfunk", "festnetz", "ruf", "fax", "tel"),
)  # fmt: skip
_CALLED = (
    "call", "called", "ring", "text", "whatsapp", "cell", "dial", "sms", "anrufen", "rückruf", "téléphone", "numéro",
    "contact", "hotline", "durchwahl", "phone no", "phone number", "telefoon", "telefone", "celular",
)  # fmt: skip


def is_phone(text: str) -> bool:
    """Whether ``text`` is a phone number: international, North American, or of a mobile as written at home.

    International numbers must be possible in their country (ITU-T E.164 and the numbering plans behind it), North
    American ones be given; mobiles are those of Germany, the United Kingdom and France.
    """
    stripped = text.strip()
    if stripped.startswith(("+", "00")):
        return _is_possible(re.sub(r"^00", "+", stripped).replace("(0)", ""))
    return bool(_MOBILE_FORM.fullmatch(text)) or _is_north_american(stripped)


def _is_possible(international: str) -> bool:
    try:
        number = phonenumbers.parse(international, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


def _is_north_american(text: str) -> bool:
    if not re.fullmatch(_NORTH_AMERICAN, text, re.ASCII):
        return False
    return phonenumbers.is_valid_number(phonenumbers.parse(text, "US"))


PHONE = Recogniser(
    Kind.PHONE,
    whole=r"^\s*(?:\+|00)?\(?\d(?:[ ./()-]{0,2}\d){5,14}\s*$",
    headers=_WORDS,
    excluded=frozenset({"calls", "model", "type"}),
    silent=frozenset({"isbn", "ean", "gtin", "serial", "barcode", "imei"}),
    check=is_phone,
    inside=rf"{_INTERNATIONAL}|{_NORTH_AMERICAN}|{_MOBILE_SPACED}",
    heads=Heads(digits=ANY, signs="+("),
    words=_CALLED,
    alone=0.85,
    scheme="a number of its country's numbering plan",
    bare_share=0.5,
)

PHONE_BEHIND_A_WORD = Recogniser(
    Kind.PHONE,
    whole="",
    headers=_WORDS,
    inside=(
        r"\(?0\d{1,4}\)?[ ./-]?\d{2,4}(?:[ .-]?\d{2,4}){1,3}|[1-9]\d{6,10}"
        r"|\(?[1-9]\d{1,3}\)?[ .-]\d{2,4}[ .-]\d{2,4}(?:[ .-]\d{2,4})?"
    ),
    heads=Heads(digits=upto(17), signs="("),
    words=_CALLED,
    alone=0.0,
    scheme="a number as it is dialled at home",
    bare_share=NEVER,
)
