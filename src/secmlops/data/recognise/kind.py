"""The kinds of personal data that are looked for."""

from enum import StrEnum


class Kind(StrEnum):
    """What relates to an identified or identifiable person (GDPR article 4(1), recital 30), or lets in as one."""

    PERSON_NAME = "person name"
    EMAIL = "e-mail address"
    PHONE = "phone number"
    NATIONAL_ID = "national identifier"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving licence"
    HEALTH_NUMBER = "health number"
    CARD = "payment card"
    IBAN = "bank account"
    ADDRESS = "postal address"
    BIRTH_DATE = "date of birth"
    IP_ADDRESS = "IP address"
    DEVICE = "device address"
    USER_LINK = "link with a user"
    PLATE = "number plate"
    LOCATION = "location"
    SECRET = "secret"  # noqa: S105  the name of a kind
