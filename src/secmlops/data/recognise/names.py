"""Recognises names of persons: by header words, and by common given and family names of many countries."""

from secmlops.data.recognise.name_lists import FAMILY_NAMES, GIVEN_NAMES
from secmlops.data.recognise.recogniser import NEVER, Kind, Recogniser

_LETTERS = r"[A-Za-zÀ-ÖØ-öø-ž'-]"
_WORD = rf"[A-ZÀ-ÖØ-Þ]{_LETTERS}+"
_TITLE = "Mr|Mrs|Ms|Miss|Herr|Frau|Mme|Madame|Monsieur|Signora|Signor|Señora|Señor"
_TITLES = frozenset(_TITLE.split("|"))


def is_person_name(text: str) -> bool:
    """Whether ``text`` is one known given or family name, or several words of which one is known."""
    words = text.replace(",", " ").replace(".", " ").split()
    known = sum(word.title() in GIVEN_NAMES or word.title() in FAMILY_NAMES for word in words)
    return known > 0 and len(words) <= 5


def is_person_mentioned(text: str) -> bool:
    """Whether ``text`` is a title with a name, or a given name followed by a family name, both of the lists."""
    first, *rest = text.replace(".", " ").split()
    return first in _TITLES or (first in GIVEN_NAMES and rest[0] in FAMILY_NAMES)


NAME = Recogniser(
    Kind.PERSON_NAME,
    whole=rf"^\s*(?:(?:{_TITLE}|Dr|Prof)\.? )?[A-ZÀ-ÖØ-Þ]{_LETTERS}*\.?(?:[ ,]+{_LETTERS}+\.?){{0,4}}\s*$",
    headers=(
        "surname", "lastname", "last name", "firstname", "first name", "forename", "family name", "given name",
        "middle name", "maiden name", "full name", "fullname", "customer name", "client name", "patient name",
        "applicant name", "employee name", "person name", "contact name", "nachname", "vorname", "familienname",
        "prenom", "prénom", "apellido", "apellidos", "nombre completo", "cognome", "achternaam", "voornaam",
    ),
    hints=("name", "customer", "client", "patient", "applicant", "employee", "person", "contact", "holder", "author"),
    excluded=frozenset(
        {
            "product", "file", "column", "feature", "event", "model", "brand", "company", "item", "host", "domain",
            "city", "country", "street", "bank", "branch", "school", "station", "drug", "gene", "species", "category",
            "campaign", "table", "project", "team", "device", "server", "app", "type", "status", "segment", "id",
        }
    ),
    check=is_person_name,
    hinted_share=0.2,
    bare_share=0.5,
    few_values=False,
)  # fmt: skip

MENTION = Recogniser(
    Kind.PERSON_NAME,
    whole="",
    check=is_person_mentioned,
    inside=rf"\b(?:(?:{_TITLE})\.? |(?:{'|'.join(sorted(GIVEN_NAMES))}) ){_WORD}",
    bare_share=NEVER,
)
