"""Recognises names of persons: by header words, and by common given and family names of many countries."""

from secmlops.data.recognise.heads import Heads
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.name_lists import EAST_ASIAN_FAMILY_NAMES, FAMILY_NAMES, GIVEN_NAMES, OTHER_NAMES
from secmlops.data.recognise.plain_text import LETTERS
from secmlops.data.recognise.recogniser import NEVER, Recogniser

_LETTER = rf"[{LETTERS}'-]"
_CAPITAL = "[A-ZÀ-ÖØ-Þ\u0100-\u1fff]"
_WORD = r"[A-ZÀ-ÖØ-Þ][A-Za-zÀ-ÖØ-öø-ž'-]{1,40}"
_TITLE = "Mr|Mrs|Ms|Miss|Dr|Herr|Frau|Mme|Madame|Monsieur|Signora|Signor|Señora|Señor"
_EAST_ASIAN = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
_KNOWN = GIVEN_NAMES | FAMILY_NAMES | OTHER_NAMES
_TITLES = frozenset(_TITLE.split("|"))


def is_person_name(text: str) -> bool:
    """Whether ``text`` is one known given or family name, or several words of which one is known."""
    words = text.replace(",", " ").replace(".", " ").split()
    return len(words) <= 5 and any(word.title() in _KNOWN for word in words)


def is_east_asian_name(text: str) -> bool:
    """Whether ``text`` is two to six Chinese, Japanese or Korean characters that begin with a common family name."""
    compact = "".join(text.split())
    return 2 <= len(compact) <= 6 and compact.startswith(EAST_ASIAN_FAMILY_NAMES)


def is_person_mentioned(text: str) -> bool:
    """Whether ``text`` is a title with a name, or a given name followed by a family name, both of the lists."""
    first, *rest = text.replace(".", " ").split()
    if first in _TITLES:
        return True
    return first in GIVEN_NAMES and (rest[0] in FAMILY_NAMES or (len(rest) > 1 and rest[1] in FAMILY_NAMES))


def as_long_as_it_is_a_name(text: str) -> str:
    """Leave a third word only behind a title, or where the last two are in the lists as well."""
    words = text.split(" ")
    if len(words) < 3 or words[0].rstrip(".") in _TITLES or (words[1] in GIVEN_NAMES and words[2] in FAMILY_NAMES):
        return text
    return " ".join(words[:2])


_HEADERS = (
    "surname", "lastname", "last name", "firstname", "first name", "forename", "family name", "given name",
    "middle name", "maiden name", "full name", "fullname", "customer name", "client name", "patient name",
    "applicant name", "employee name", "person name", "contact name", "nachname", "vorname", "familienname",
    "geburtsname", "kundenname", "patientenname", "ansprechpartner", "prenom", "prénom", "apellido", "apellidos",
    "nombre completo", "cognome", "achternaam", "voornaam", "имя", "фамилия", "фио", "отчество", "姓名", "氏名",
    "名前", "이름", "성명", "الاسم",
)  # fmt: skip
_HINTS = (
    "name", "customer", "client", "patient", "applicant", "employee", "person", "contact", "holder", "author", "kunde",
    "kundin", "patientin", "mitarbeiter",
)  # fmt: skip
_THINGS = frozenset(
    {
        "product", "file", "column", "feature", "event", "model", "brand", "company", "item", "host", "domain",
        "city", "country", "street", "bank", "branch", "school", "station", "drug", "gene", "species", "category",
        "campaign", "table", "project", "team", "device", "server", "app", "type", "status", "segment", "id",
    }
)  # fmt: skip

NAME = Recogniser(
    Kind.PERSON_NAME,
    whole=(
        rf"^\s*(?:(?:{_TITLE}|Dr|Prof)\.? )?"
        rf"{_CAPITAL}{_LETTER}{{0,40}}\.?(?:[ ,]{{1,3}}{_LETTER}{{1,40}}\.?){{0,4}}\s*$"
    ),
    headers=_HEADERS,
    hints=_HINTS,
    excluded=_THINGS,
    check=is_person_name,
    hinted_share=0.2,
    bare_share=0.5,
    few_values=False,
)

EAST_ASIAN_NAME = Recogniser(
    Kind.PERSON_NAME,
    whole=rf"^\s*{_EAST_ASIAN}{{1,4}}[ ·]?{_EAST_ASIAN}{{0,6}}\s*$",
    headers=_HEADERS,
    hints=_HINTS,
    excluded=_THINGS,
    check=is_east_asian_name,
    bare_share=NEVER,
)

MENTION = Recogniser(
    Kind.PERSON_NAME,
    whole="",
    check=is_person_mentioned,
    inside=rf"{_WORD}\.? {_WORD}(?: {_WORD})?",
    heads=Heads(words=GIVEN_NAMES | _TITLES),
    cut=as_long_as_it_is_a_name,
    alone=0.75,
    wide=True,
    scheme="a given and a family name, or a title",
    bare_share=NEVER,
)
