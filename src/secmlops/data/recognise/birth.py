"""Recognises dates and years of birth: only a word beside them tells them from other dates."""

from secmlops.data.recognise.heads import Heads, upto
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import NEVER, Recogniser

_DATE = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[./-] ?\d{1,2}[./-] ?(?:\d{4}|\d{2}))"
_MONTH = (
    r"(?i:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|janv|févr|mars|avr|juin|juil|août|déc|ene|abr|ago"
    r"|dic|gen|mag|giu|lug|set|ott)[a-zéèûô]{0,7}\.?"
)
_SPELLED = (
    rf"\d{{1,2}}(?:st|nd|rd|th|\.)?(?: of| de)? {_MONTH},?(?: de)? \d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
)

BIRTH_DATE = Recogniser(
    Kind.BIRTH_DATE,
    whole=rf"^\s*(?:{_DATE}|(?:19|20)\d{{2}}[01]\d[0-3]\d)(?:[ T]00:00.{{0,30}})?\s*$",
    headers=(
        "dob", "birth", "birthdate", "birthday", "date of birth", "birth date", "born", "geburtsdatum", "geburtstag",
        "geb", "gebdat", "gebdatum", "geboren", "date naissance", "naissance", "nacimiento", "nascita",
        "geboortedatum", "födelsedatum",
    ),
    inside=rf"{_DATE}|{_SPELLED}|(?:19|20)\d{{2}}[01]\d[0-3]\d",
    heads=Heads(digits=(1, 2, 4, 8), capitals=upto(12, 3), smalls=upto(12, 3), few=True),
    words=("d o b", "née", "né", "nato", "nata", "nacido", "nacida", "geboren am", "född", "born on", "geb datum"),
    alone=0.0,
    scheme="a date",
    bare_share=NEVER,
    suggestion="generalise",
)  # fmt: skip

BIRTH_YEAR = Recogniser(
    Kind.BIRTH_DATE,
    whole=r"^\s*(?:19|20)\d{2}\s*$",
    headers=(
        "birth year", "birthyear", "year of birth", "yob", "geburtsjahr", "gebjahr", "geb jahr", "jahrgang",
        "annee naissance", "année naissance",
    ),
    bare_share=NEVER,
    suggestion="generalise",
)  # fmt: skip
