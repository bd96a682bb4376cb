"""Recognises postal addresses by the words and numbers of streets, and postcodes and towns by their header."""

import re

from secmlops.data.recognise.heads import ANY, Heads, capitals, upto
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.plain_text import LETTERS
from secmlops.data.recognise.recogniser import NEVER, Recogniser

POSTCODE_HEADERS = (
    "postcode", "post code", "postal code", "zip", "zip code", "zipcode", "plz", "postleitzahl", "code postal",
    "codigo postal",
)  # fmt: skip
# Repetitions have an end, and words are told apart by spaces only: a search takes a bounded time for each character.
_NAME = r"[A-ZÀ-Þ][A-Za-zÀ-ÿ'.-]{0,40}"
_ENGLISH = (
    rf"\d{{1,5}}[A-Za-z]?,? (?:{_NAME} ){{1,4}}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Square|Terrace|Close|Crescent)\b"
)
_GERMANIC = (
    r"[A-ZÄÖÜ][A-Za-zÀ-ÿ-]{0,40}[ -]?(?:[Ss]traße|[Ss]trasse|[Ss]tr\.|[Ww]eg|[Pp]latz|[Aa]llee|[Gg]asse|ring|damm|ufer"
    r"|straat|gatan) \d{1,4} ?[a-z]?\b"
)
_ROMANCE_WAY = (
    r"(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Cc]hemin|[Cc]alle|[Pp]laza|[Vv]ia|[Vv]iale|[Pp]iazza|[Rr]ua)"
    rf" (?:de la |de l'|des |du |de |della |del |di |da )?{_NAME}(?: {_NAME}){{0,3}}"
)
_ROMANCE = rf"\d{{1,4}}(?: bis| ter)?,? {_ROMANCE_WAY}|{_ROMANCE_WAY},? \d{{1,4}}\b"
_STREET_FORM = re.compile(rf"(?:{_ENGLISH}|{_GERMANIC}|{_ROMANCE})")
_WAYS = (
    "street", "st", "road", "rd", "avenue", "ave", "lane", "ln", "drive", "dr", "court", "ct", "boulevard", "blvd",
    "way",
    "square", "terrace", "close", "crescent", "rue", "chemin", "calle", "plaza", "via", "viale", "piazza", "rua",
)  # fmt: skip


def is_street(text: str) -> bool:
    """Whether ``text`` holds a street with a house number, written in an English, Germanic or Romance way."""
    return bool(_STREET_FORM.search(text))


ADDRESS = Recogniser(
    Kind.ADDRESS,
    whole=r"^[^\n@]*[A-Za-zÀ-ÿ]{3}[^\n@]*$",
    headers=(
        "street", "address", "strasse", "straße", "str", "hausanschrift", "wohnanschrift", "anschrift", "adresse",
        "postadresse", "wohnadresse", "direccion", "dirección", "indirizzo", "domicile", "home address",
    ),
    excluded=frozenset(
        {"ip", "mac", "mail", "email", "web", "url", "memory", "wallet", "type", "years", "hash", "status"}
    ),
    check=is_street,
    inside=rf"{_ENGLISH}|{_ROMANCE}",
    heads=Heads(digits=upto(5), capitals=upto(9, 3), smalls=upto(9, 3), few=True),
    cue_words=_WAYS,
    alone=0.8,
    scheme="a street and a house number",
    few_values=False,
)  # fmt: skip

GERMANIC_STREET = Recogniser(
    Kind.ADDRESS,
    whole="",
    hints=ADDRESS.headers,
    inside=_GERMANIC,
    heads=capitals(*ANY),
    marks=("aße ", "asse ", "tr. ", "eg ", "latz ", "llee ", "ring ", "damm ", "ufer ", "aat ", "atan "),
    alone=0.8,
    scheme="a street and a house number",
)

TOWN = Recogniser(
    Kind.ADDRESS,
    whole=rf"^\s*[{LETTERS}][{LETTERS}0-9 .,'()/-]{{1,80}}$",
    headers=("wohnort", "ort", "plz ort", "geburtsort", "birthplace", "place of birth", "home town", "hometown"),
    bare_share=NEVER,
    suggestion="generalise",
)

_POSTCODES = (
    r"[A-Za-z]{0,2}-?\d{4,6}(?:-\d{3,4})?",  # most countries, with ZIP+4
    r"[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}",  # United Kingdom
    r"[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d",  # Canada
    r"\d{4} ?[A-Z]{2}",  # the Netherlands
)

POSTCODE = Recogniser(
    Kind.ADDRESS,
    whole=rf"^\s*(?:{'|'.join(_POSTCODES)})\s*$",
    headers=POSTCODE_HEADERS,
    excluded=frozenset({"file", "size", "market", "large", "small"}),
    bare_share=NEVER,
    suggestion="generalise",
)
