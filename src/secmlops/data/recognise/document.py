"""Recognises passports, driving licences and vehicles: a word names them, or a structure of their own."""

from secmlops.data.recognise.header import numbered
from secmlops.data.recognise.heads import Heads, capitals, upto
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import NEVER, Recogniser

NO_NUMBER = frozenset(
    {
        "bool", "class", "country", "date", "expires", "expiry", "fail", "from", "issued", "rate", "state", "status",
        "thickness", "type", "until",
    }
)  # fmt: skip
"""Words that make a header one of something about a document, and not of its number."""

_NUMBER = r"^\s*[A-Za-z]{0,3}[ -]?\d[0-9A-Za-z ./-]{4,22}\s*$"
_ZONE_WEIGHTS = (7, 3, 1)


def is_machine_readable_zone(text: str) -> bool:
    """Second line of a passport's machine readable zone (ICAO 9303-4): check digits of number, birth and expiry."""
    parts = ((text[0:9], text[9]), (text[13:19], text[19]), (text[21:27], text[27]))
    return all(_zone_digit(field) == int(digit) for field, digit in parts)


def _zone_digit(field: str) -> int:
    return sum((0 if c == "<" else int(c, 36)) * _ZONE_WEIGHTS[i % 3] for i, c in enumerate(field)) % 10


PASSPORT = Recogniser(
    Kind.PASSPORT,
    whole=_NUMBER,
    headers=(
        "passport", "passport number", "passport no", "passeport", "pasaporte", "reisepass", "passaporto", "paspoort",
        "paspoortnummer", *numbered("pass", "reisepass"),
    ),
    excluded=NO_NUMBER,
    inside=(
        r"[A-Z]{1,2}[ -]?\d{6,8}|\d{8,9}|\d{2}[A-Z]{2}\d{5}|[A-Z]\d{2}[A-Z]\d{5}"
        r"|[CFGHJKLMNPRTVWXYZ][0-9CFGHJKLMNPRTVWXYZ]{8}"
    ),
    heads=Heads(digits=(2, 8, 9), capitals=(1, 2, 3, 4, 5, 6, 7, 8, 9)),
    words=("passnummer", "passport num"),
    alone=0.0,
    scheme="the number of a passport",
    bare_share=NEVER,
    suggestion="pseudonymise",
)  # fmt: skip

PASSPORT_ZONE = Recogniser(
    Kind.PASSPORT,
    whole=r"^[A-Z0-9<]{9}\d[A-Z<]{3}\d{7}[MFX<]\d{7}[A-Z0-9<]{14}[\d<]\d$",
    check=is_machine_readable_zone,
    inside=r"[A-Z0-9<]{9}\d[A-Z<]{3}\d{7}[MFX<]\d{7}[A-Z0-9<]{14}[\d<]\d",
    heads=Heads(digits=upto(10), capitals=upto(9)),
    marks=("<<",),
    alone=0.98,
    scheme="the machine readable zone of a passport, three check digits",
)

DRIVING_LICENCE = Recogniser(
    Kind.DRIVING_LICENCE,
    whole=_NUMBER,
    headers=(
        "driving licence", "driving license", "driver license", "drivers license", "driver licence", "driver s license",
        "drivers licence", "permis de conduire", "permiso de conducir", "patente di guida", "rijbewijs",
        *numbered("führerschein", "fuehrerschein"),
    ),
    excluded=NO_NUMBER,
    inside=r"[A-Z]{0,3}[ -]?\d{5,12}[A-Z]{0,2}|[A-Z]\d{3}-\d{4}-\d{4}(?:-\d{2})?|[A-Z0-9]{2}\d{2}[A-Z0-9]{5}\d[A-Z0-9]",
    heads=Heads(digits=upto(12), capitals=upto(3)),
    words=(
        "führerschein", "fuehrerschein", "dl", "dl no", "licence no", "license no", "licence number", "license number",
    ),
    alone=0.0,
    scheme="the number of a driving licence",
    bare_share=NEVER,
    suggestion="pseudonymise",
)  # fmt: skip

BRITISH_DRIVING_LICENCE = Recogniser(
    Kind.DRIVING_LICENCE,
    whole=r"^\s*[A-Z9]{5}\d[0156]\d[0-3]\d{2}[A-Z9]{2}[0-9A-Z][A-Z]{2}(?:\d{2})?\s*$",
    headers=("driver number",),
    inside=r"[A-Z]{2,5}9{0,3}\d[0156]\d[0-3]\d{2}[A-Z9]{2}[0-9A-Z][A-Z]{2}(?:\d{2})?",
    heads=capitals(2, 3, 4, 5),
    check=lambda text: len(text.strip()) in (16, 18),
    words=DRIVING_LICENCE.phrases,
    scheme="the structure of a British driver number",
    suggestion="pseudonymise",
)

PLATE = Recogniser(
    Kind.PLATE,
    whole=r"^\s*[A-Za-zÄÖÜäöü0-9]{1,4}(?:[ ·-]?[A-Za-z0-9]{1,4}){1,3}\s*$",
    headers=(
        "plate", "number plate", "license plate", "licence plate", "plate number", "vehicle registration",
        "registration plate", "kfz kennzeichen", "kfzkennzeichen", "autokennzeichen", "kennzeichen", "immatriculation",
        "matricula", "kenteken", "targa",
    ),
    excluded=NO_NUMBER | {"well", "material", "colour", "color", "id"},
    inside=r"[A-ZÄÖÜ]{1,3}[ -][A-Z]{1,2} ?\d{1,4}|[A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]{2}-\d{3}-[A-Z]{2}|\d{4} ?[A-Z]{3}",
    heads=Heads(digits=(4,), capitals=(1, 2, 3), few=True),
    alone=0.0,
    scheme="the form of a number plate",
    bare_share=NEVER,
    suggestion="pseudonymise",
)  # fmt: skip
