"""Recognises dates and years of birth: only a word beside them tells them from other dates."""

from secmlops.data.recognise.recogniser import NEVER, Kind, Recogniser

_DATE = r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2}))"

BIRTH_DATE = Recogniser(
    Kind.BIRTH_DATE,
    whole=rf"^\s*(?:{_DATE}|(?:19|20)\d{{2}}[01]\d[0-3]\d)(?:[ T]00:00.{{0,30}})?\s*$",
    headers=(
        "dob", "birth", "birthdate", "birthday", "date of birth", "birth date", "born", "geburtsdatum", "geburtstag",
        "geb", "gebdat", "gebdatum", "geboren", "date naissance", "naissance", "nacimiento", "nascita",
        "geboortedatum", "födelsedatum",
    ),
    inside=rf"(?i)\b(?:born(?: on)?|dob|d\.o\.b\.|date of birth|geboren(?: am)?|geb\.|née? le)[ :]{{1,3}}{_DATE}",
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
