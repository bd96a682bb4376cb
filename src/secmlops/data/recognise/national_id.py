"""Recognises national identifiers of sixteen countries, each by its own check digits or structure."""

import re
from collections.abc import Callable

from secmlops.data.recognise.check_digits import digits_of, luhn, mod_11_10, verhoeff, weighted
from secmlops.data.recognise.recogniser import Kind, Recogniser

_HINTS = (
    "national id", "national number", "national identifier", "nationalid", "identity number", "id number",
    "identity card", "personal number", "personal id", "tax number", "tax id", "tax no", "taxid", "tin", "citizen id",
    "social security", "insurance number",
)  # fmt: skip
_SPANISH_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_FINNISH_MARKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_ITALIAN_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21),
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        ),
        strict=True,
    )
)  # fmt: skip


def is_german_tax_id(text: str) -> bool:
    """Steueridentifikationsnummer: one digit of the first ten twice or three times, MOD 11,10; 0 leads test numbers."""
    digits = digits_of(text)
    counts = sorted(digits[:10].count(d) for d in set(digits[:10]))
    return len(digits) == 11 and counts[-1] in (2, 3) and counts[-2] == 1 and mod_11_10(digits)


def is_us_social_security(text: str) -> bool:
    """Social Security number: areas 000, 666 and 9xx, group 00 and serial 0000 were never given.

    A number that was stored without its leading zeros has them again here.
    """
    digits = re.sub(r"\D", "", text).zfill(9)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_german_health_insurance(text: str) -> bool:
    """Krankenversichertennummer (SGB V section 290): the letter as two digits, then Luhn from the left."""
    compact = text.strip().upper()
    digits = [int(d) for d in f"{ord(compact[0]) - ord('A') + 1:02d}{compact[1:9]}"]
    return sum(_cross_sum(d * (1 + place % 2)) for place, d in enumerate(digits)) % 10 == int(compact[9])


def is_german_social_insurance(text: str) -> bool:
    """Versicherungsnummer (VKVV section 4): the letter as two digits, weighted, cross sums modulo 10."""
    compact = re.sub(r"\s", "", text).upper()
    digits = [int(d) for d in f"{compact[:8]}{ord(compact[8]) - ord('A') + 1:02d}{compact[9:11]}"]
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    return sum(_cross_sum(d * w) for d, w in zip(digits, weights, strict=True)) % 10 == int(compact[11])


def _cross_sum(number: int) -> int:
    return sum(divmod(number, 10))


def is_british_insurance(text: str) -> bool:
    """National Insurance number: prefixes BG, GB, KN, NK, NT, TN and ZZ are not given."""
    return text.strip()[:2].upper() not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def is_nhs_number(text: str) -> bool:
    """NHS number: weights 10 to 2, modulo 11."""
    digits = digits_of(text)
    return (weighted(digits[:9], range(10, 1, -1)) + digits[9]) % 11 == 0


def is_french_nir(text: str) -> bool:
    """Numéro d'inscription au répertoire: 97 minus the number modulo 97; Corsica counts as 19 and 18."""
    compact = re.sub(r"\s", "", text).upper().replace("2A", "19").replace("2B", "18")
    return int(compact[13:]) == 97 - int(compact[:13]) % 97


def is_spanish_dni(text: str) -> bool:
    """DNI or NIE: the letter is the number modulo 23; X, Y, Z at the front count as 0, 1, 2."""
    compact = text.strip().upper()
    number = compact[:8].translate(str.maketrans("XYZ", "012"))
    return _SPANISH_LETTERS[int(number) % 23] == compact[-1]


def is_italian_code(text: str) -> bool:
    """Codice fiscale: characters in odd places by a table, in even places by value, modulo 26."""
    compact = text.strip().upper()
    odd = sum(_ITALIAN_ODD[c] for c in compact[0:15:2])
    even = sum(int(c, 36) if c.isdigit() else ord(c) - ord("A") for c in compact[1:15:2])
    return chr((odd + even) % 26 + ord("A")) == compact[15]


def is_dutch_bsn(text: str) -> bool:
    """Burgerservicenummer: the eleven test with weights 9 to 2 and -1."""
    digits = digits_of(text)
    return any(digits) and weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def is_belgian_number(text: str) -> bool:
    """Rijksregisternummer: 97 minus the first nine digits modulo 97, with a 2 before them since 2000."""
    digits = "".join(map(str, digits_of(text)))
    return int(digits[9:]) in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)


def is_polish_pesel(text: str) -> bool:
    """PESEL: weights 1, 3, 7, 9, modulo 10, and a month between 1 and 12 within its century."""
    digits = digits_of(text)
    return weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0 and _is_month(digits[2] * 10 + digits[3])


def _is_month(coded: int) -> bool:
    return 1 <= coded % 20 <= 12


def is_swedish_number(text: str) -> bool:
    """Personnummer: Luhn over the last ten digits, which begin with year, month and day."""
    digits = digits_of(text)[-10:]
    month, day = digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]
    return luhn(digits) and 1 <= month <= 12 and 1 <= day % 60 <= 31


def is_finnish_code(text: str) -> bool:
    """Henkilötunnus: the mark is the nine digits modulo 31."""
    compact = text.strip().upper()
    return _FINNISH_MARKS[int(compact[:6] + compact[7:10]) % 31] == compact[10]


def is_swiss_number(text: str) -> bool:
    """AHV number: 756 at the front, check digit of EAN-13."""
    digits = digits_of(text)
    return weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


def is_brazilian_cpf(text: str) -> bool:
    """CPF: two check digits modulo 11, and not one digit all along."""
    digits = digits_of(text)
    first = weighted(digits[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(digits[:10], range(11, 1, -1)) * 10 % 11 % 10
    return len(set(digits)) > 1 and digits[9:] == [first, second]


def is_indian_aadhaar(text: str) -> bool:
    """Aadhaar: twelve digits with Verhoeff's check digit."""
    return verhoeff(digits_of(text))


def is_chinese_id(text: str) -> bool:
    """Resident identity number (GB 11643): weights 2^17 to 2, modulo 11, X for ten."""
    compact = text.strip().upper()
    total = sum(int(c) * pow(2, 17 - place, 11) for place, c in enumerate(compact[:17]))
    return "10X98765432"[total % 11] == compact[17]


def _scheme(
    form: str, check: Callable[[str], bool], *headers: str, prose: bool = False, sure: bool = False
) -> Recogniser:
    """Scheme whose values have the ``form``; ``sure`` when the form alone is rare, so that fewer values convince."""
    return Recogniser(
        Kind.NATIONAL_ID,
        whole=rf"^\s*(?:{form})\s*$",
        hints=(*_HINTS, *headers),
        check=check,
        inside=rf"\b(?:{form})\b" if prose else "",
        hinted_share=0.3,
        bare_share=0.3 if sure else 0.7,
        suggestion="pseudonymise",
    )


NATIONAL_IDS = (
    _scheme(r"\d{11}|\d{2} \d{3} \d{3} \d{3}", is_german_tax_id, "steuer id", "steuernummer", "idnr"),
    _scheme(r"\d{3}-\d{2}-\d{4}", is_us_social_security, "ssn", prose=True, sure=True),
    _scheme(r"[A-Za-z]\d{9}", is_german_health_insurance, "kvnr"),
    _scheme(r"\d{2} ?\d{6} ?[A-Za-z] ?\d{3}", is_german_social_insurance, "svnr", "rvnr", prose=True, sure=True),
    _scheme(
        r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", is_british_insurance, "nino", prose=True
    ),
    _scheme(r"\d{3} ?\d{3} ?\d{4}", is_nhs_number, "nhs", "nhs number"),
    _scheme(
        r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}", is_french_nir, "nir", "insee",
        prose=True, sure=True,
    ),
    _scheme(r"[\dXYZ]\d{7}-?[A-Z]", is_spanish_dni, "dni", "nie", "nif", prose=True, sure=True),
    _scheme(
        r"[A-Za-z]{6}\d{2}[A-EHLMPR-Ta-ehlmpr-t]\d{2}[A-Za-z]\d{3}[A-Za-z]", is_italian_code, "codice fiscale",
        prose=True, sure=True,
    ),
    _scheme(r"\d{9}", is_dutch_bsn, "bsn", "burgerservicenummer", "sofinummer"),
    _scheme(r"\d{2}\.?\d{2}\.?\d{2}-?\d{3}\.?\d{2}", is_belgian_number, "rijksregisternummer", "niss"),
    _scheme(r"\d{11}", is_polish_pesel, "pesel"),
    _scheme(r"(?:19|20)?\d{6}[-+]?\d{4}", is_swedish_number, "personnummer"),
    _scheme(r"[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", is_finnish_code, "hetu", prose=True, sure=True),
    _scheme(r"756\.?\d{4}\.?\d{4}\.?\d{2}", is_swiss_number, "ahv", "avs", prose=True, sure=True),
    _scheme(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", is_brazilian_cpf, "cpf"),
    _scheme(r"[2-9]\d{3} ?\d{4} ?\d{4}", is_indian_aadhaar, "aadhaar", "uidai"),
    _scheme(r"[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d\d{3}[\dX]", is_chinese_id, "resident id", prose=True, sure=True),
)  # fmt: skip
