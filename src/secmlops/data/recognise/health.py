"""Recognises numbers that name a person for health purposes: records, patients, insurances (GDPR recital 35)."""

from secmlops.data.recognise.check_digits import digits_of, weighted
from secmlops.data.recognise.document import NO_NUMBER
from secmlops.data.recognise.header import numbered
from secmlops.data.recognise.heads import Heads, capitals, digits, upto
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import NEVER, Recogniser


def is_german_health_insurance(text: str) -> bool:
    """Krankenversichertennummer (SGB V section 290): the letter as two digits, then Luhn from the left."""
    compact = text.strip().upper()
    digits = [int(d) for d in f"{ord(compact[0]) - ord('A') + 1:02d}{compact[1:9]}"]
    return sum(sum(divmod(d * (1 + place % 2), 10)) for place, d in enumerate(digits)) % 10 == int(compact[9])


def is_nhs_number(text: str) -> bool:
    """NHS number: weights 10 to 2, modulo 11."""
    digits = digits_of(text)
    return (weighted(digits[:9], range(10, 1, -1)) + digits[9]) % 11 == 0


def is_australian_medicare(text: str) -> bool:
    """Medicare number: weights 1, 3, 7, 9 twice, modulo 10."""
    digits = digits_of(text)
    return weighted(digits[:8], (1, 3, 7, 9) * 2) % 10 == digits[8]


_OTHER_NUMBERS = frozenset({"isbn", "ean", "gtin", "imei", "barcode"})

MEDICAL_RECORD = Recogniser(
    Kind.HEALTH_NUMBER,
    whole=r"^\s*[A-Za-z]{0,4}[ -]?\d[0-9A-Za-z ./-]{4,22}\s*$",
    headers=(
        "medical record number", "medical record no", "medical record", "mrn", "medicare number", "health plan number",
        "health insurance number", "chart number", "hospital number", "nhs number", "kvnr",
        *numbered("krankenversicherungs", "krankenversicherten", "versicherten", "krankenkassen", "fall"),
    ),
    excluded=NO_NUMBER,
    inside=r"[A-Z]{0,4}[ -]?\d{5,12}|\d{2,4}(?:-\d{2,4}){2,3}|[A-Z]{1,3}\d{2,4}-\d{2,6}",
    heads=Heads(digits=upto(12), capitals=upto(4)),
    words=(
        "medical record", "medical record nr", "hospital no", "chart no", "patient id", "patient no", "patient number",
        "patienten id", "patientennummer", "record no", "member id", "health card", "health number",
    ),
    alone=0.0,
    scheme="the number of a medical record or a health insurance",
    bare_share=NEVER,
    suggestion="pseudonymise",
)  # fmt: skip

GERMAN_HEALTH_INSURANCE = Recogniser(
    Kind.HEALTH_NUMBER,
    whole=r"^\s*[A-Za-z]\d{9}\s*$",
    hints=("kvnr", "versichertennummer", "krankenversichertennummer", "health insurance", "insurance number"),
    check=is_german_health_insurance,
    inside=r"[A-Z]\d{9}",
    heads=capitals(1),
    alone=0.0,
    scheme="German health insurance number",
    bare_share=0.7,
    suggestion="pseudonymise",
)

NHS_NUMBER = Recogniser(
    Kind.HEALTH_NUMBER,
    whole=r"^\s*\d{3}[ -]?\d{3}[ -]?\d{4}\s*$",
    hints=("nhs", "nhs number", "nhs no"),
    silent=_OTHER_NUMBERS,
    check=is_nhs_number,
    inside=r"\d{3}[ -]?\d{3}[ -]?\d{4}",
    heads=digits(3, 6, 10),
    alone=0.0,
    scheme="NHS number",
    bare_share=0.7,
    suggestion="pseudonymise",
)

AUSTRALIAN_MEDICARE = Recogniser(
    Kind.HEALTH_NUMBER,
    whole=r"^\s*[2-6]\d{3} ?\d{5} ?\d(?:[ /]?\d)?\s*$",
    hints=("medicare", "medicare number", "medicare no"),
    silent=_OTHER_NUMBERS,
    check=is_australian_medicare,
    heads=digits(4, 9, 10, 11),
    inside=r"[2-6]\d{3} ?\d{5} ?\d(?:[ /-]\d)?",
    alone=0.0,
    scheme="Australian Medicare number",
    bare_share=NEVER,
    suggestion="pseudonymise",
)

HEALTH_NUMBERS = (GERMAN_HEALTH_INSURANCE, NHS_NUMBER, AUSTRALIAN_MEDICARE, MEDICAL_RECORD)
