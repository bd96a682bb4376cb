"""Which category of which law a kind of personal data falls into: a pointer for whoever decides, not legal advice."""

from collections.abc import Mapping
from types import MappingProxyType

from secmlops.data.recognise.kind import Kind

PERSONAL = "GDPR Art. 4(1)"
"""Personal data: any information relating to an identified or identifiable natural person."""

HEALTH = "GDPR Art. 9(1) health"
"""A number assigned to identify a person for health purposes is data concerning health (GDPR recital 35)."""

NATIONAL = "GDPR Art. 87"
"""National identification numbers, whose use member states may bind to conditions."""

_CCPA = "CCPA 1798.140(ae)(1)"
"""Sensitive personal information: identity documents (A), accounts with what opens them (B), precise places (C)."""

_HIPAA = "HIPAA 164.514(b)(2)(i)"
"""Identifiers that the safe harbour removes, by their letter."""

CATEGORIES: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.PERSON_NAME: (PERSONAL, f"{_HIPAA}(A)"),
        Kind.EMAIL: (PERSONAL, f"{_HIPAA}(F)"),
        Kind.PHONE: (PERSONAL, f"{_HIPAA}(D)"),
        Kind.NATIONAL_ID: (PERSONAL, NATIONAL, f"{_CCPA}(A)", f"{_HIPAA}(G)"),
        Kind.PASSPORT: (PERSONAL, f"{_CCPA}(A)", f"{_HIPAA}(K)"),
        Kind.DRIVING_LICENCE: (PERSONAL, f"{_CCPA}(A)", f"{_HIPAA}(K)"),
        Kind.HEALTH_NUMBER: (PERSONAL, HEALTH, f"{_HIPAA}(H)"),
        Kind.CARD: (PERSONAL, f"{_CCPA}(B)", f"{_HIPAA}(J)"),
        Kind.IBAN: (PERSONAL, f"{_CCPA}(B)", f"{_HIPAA}(J)"),
        Kind.ADDRESS: (PERSONAL, f"{_HIPAA}(B)"),
        Kind.BIRTH_DATE: (PERSONAL, f"{_HIPAA}(C)"),
        Kind.IP_ADDRESS: (PERSONAL, f"{_HIPAA}(O)"),
        Kind.DEVICE: (PERSONAL, f"{_HIPAA}(M)"),
        Kind.USER_LINK: (PERSONAL, f"{_HIPAA}(N)"),
        Kind.PLATE: (PERSONAL, f"{_HIPAA}(L)"),
        Kind.LOCATION: (PERSONAL, f"{_CCPA}(C)", f"{_HIPAA}(B)"),
        Kind.SECRET: (f"{_CCPA}(B)",),
    }
)
"""Categories of each kind: GDPR, California's CCPA as amended by the CPRA, and HIPAA's Privacy Rule (45 CFR)."""


def short(kind: Kind) -> str:
    """Return the categories in few characters, for a table: ``4(1), 87; CCPA A; HIPAA G``."""
    told: dict[str, list[str]] = {"GDPR": [], "CCPA": [], "HIPAA": []}
    for category in CATEGORIES[kind]:
        law, _, place = category.partition(" ")
        told[law].append(place.removeprefix("Art. ") if law == "GDPR" else place[-2])
    return "; ".join(f"{law} {', '.join(places)}" for law, places in told.items() if places)
