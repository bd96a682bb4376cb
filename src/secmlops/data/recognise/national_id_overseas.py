"""Recognises national and tax identifiers of the Americas, Africa, Asia and Australia, each by its check digits."""

import re

from secmlops.data.recognise.check_digits import digits_of, luhn, mod_11, verhoeff, weighted
from secmlops.data.recognise.heads import capitals, digits
from secmlops.data.recognise.national_id import is_day, named_scheme, scheme

_CURP_CHARACTERS = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_SINGAPORE_LETTERS = {
    **dict.fromkeys("ST", "JZIHGFEDCBA"), **dict.fromkeys("FG", "XWUTRQPNMLK"), "M": "XWUTRQPNJLK",
}  # fmt: skip
_SINGAPORE_OFFSETS = {"T": 4, "G": 4, "M": 3}


def is_us_social_security(text: str) -> bool:
    """Social Security number: areas 000, 666 and 9xx, group 00 and serial 0000 were never given.

    A number that was stored without its leading zeros has them again here.
    """
    digits = re.sub(r"\D", "", text).zfill(9)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_us_taxpayer(text: str) -> bool:
    """Individual Taxpayer Identification Number: 9 at the front, and a group that is given."""
    digits = re.sub(r"\D", "", text)
    return digits[0] == "9" and bool(re.fullmatch(r"5\d|6[0-5]|7\d|8[0-8]|9[0-24-9]", digits[3:5]))


def is_canadian_sin(text: str) -> bool:
    """Social Insurance Number: Luhn's digit; 0 and 8 are at no front."""
    digits = digits_of(text)
    return digits[0] not in (0, 8) and luhn(digits)


def is_mexican_curp(text: str) -> bool:
    """CURP: seventeen characters by their place in the alphabet with Ñ, weights 18 to 2, modulo 10."""
    compact = text.strip().upper()
    total = sum(_CURP_CHARACTERS.index(c) * w for c, w in zip(compact[:17], range(18, 1, -1), strict=True))
    return compact[17] == str(-total % 10)


def is_brazilian_cpf(text: str) -> bool:
    """CPF: two check digits modulo 11, and not one digit all along."""
    digits = digits_of(text)
    first = weighted(digits[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(digits[:10], range(11, 1, -1)) * 10 % 11 % 10
    return len(set(digits)) > 1 and digits[9:] == [first, second]


def is_chilean_rut(text: str) -> bool:
    """RUT: weights 2 to 7 from the right, modulo 11, K for ten."""
    compact = re.sub(r"[.\s-]", "", text).upper()
    rest = mod_11(digits_of(compact[:-1])[::-1], (2, 3, 4, 5, 6, 7, 2, 3))
    return compact[-1] == "0123456789K"[rest]


def is_south_african_id(text: str) -> bool:
    """Identity number: a date of birth at the front, Luhn's digit at the end."""
    digits = digits_of(text)
    return is_day(digits[1] * 10 + digits[0], digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]) and luhn(digits)


def is_turkish_number(text: str) -> bool:
    """Kimlik number: the tenth digit by the odd and even places, the eleventh by the sum of all before."""
    digits = digits_of(text)
    tenth = (sum(digits[0:9:2]) * 7 - sum(digits[1:8:2])) % 10
    return digits[9:] == [tenth, sum(digits[:10]) % 10]


def is_israeli_id(text: str) -> bool:
    """Teudat zehut: Luhn's digit over nine digits."""
    digits = digits_of(text)
    return any(digits) and luhn(digits)


def is_indian_aadhaar(text: str) -> bool:
    """Aadhaar: twelve digits with Verhoeff's check digit."""
    return verhoeff(digits_of(text))


def is_chinese_id(text: str) -> bool:
    """Resident identity number (GB 11643): weights 2^17 to 2, modulo 11, X for ten."""
    compact = text.strip().upper()
    total = sum(int(c) * pow(2, 17 - place, 11) for place, c in enumerate(compact[:17]))
    return "10X98765432"[total % 11] == compact[17]


def is_korean_number(text: str) -> bool:
    """Resident registration number: a date at the front; numbers given since October 2020 have no check digit."""
    digits = digits_of(text)
    month, day = digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]
    return 1 <= digits[6] <= 8 and is_day(4, month, day)


def is_japanese_number(text: str) -> bool:
    """Individual number: weights 6 to 2 and 7 to 2, modulo 11, 0 for ten and eleven."""
    digits = digits_of(text)
    return mod_11(digits[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 10 == digits[11]


def is_singapore_number(text: str) -> bool:
    """NRIC and FIN: weights 2, 7, 6, 5, 4, 3, 2, modulo 11, the letter from the table of the first letter."""
    compact = text.strip().upper()
    total = weighted(digits_of(compact), (2, 7, 6, 5, 4, 3, 2)) + _SINGAPORE_OFFSETS.get(compact[0], 0)
    return _SINGAPORE_LETTERS[compact[0]][total % 11] == compact[8]


def is_hong_kong_number(text: str) -> bool:
    """HKID: letters by their place in the alphabet plus nine, a missing one as 36, weights 9 to 1, modulo 11."""
    compact = re.sub(r"[()\s]", "", text).upper().rjust(9)
    values = [36 if c == " " else int(c, 36) for c in compact[:8]]
    return "0123456789A"[mod_11(values, range(9, 1, -1))] == compact[8]


def is_thai_number(text: str) -> bool:
    """Citizen number: weights 13 to 2, modulo 11, modulo 10."""
    digits = digits_of(text)
    return mod_11(digits[:12], range(13, 1, -1)) % 10 == digits[12]


def is_australian_tax_number(text: str) -> bool:
    """Tax file number: weights 1, 4, 3, 7, 5, 8, 6, 9, 10, modulo 11."""
    digits = digits_of(text)
    return any(digits) and weighted(digits, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


OVERSEAS = (
    scheme(r"\d{3}-\d{2}-\d{4}", digits(3, 9), is_us_social_security, "US social security number", "ssn", "social",
           sure=0.9),
    named_scheme(r"\d{3} \d{2} \d{4}|\d{9}", digits(3, 9), is_us_social_security, "US social security number",
                 "ssn", "social security number", "social"),
    scheme(r"9\d{2}-\d{2}-\d{4}", digits(3), is_us_taxpayer, "US taxpayer identification number", "itin", sure=0.9),
    named_scheme(r"\d{3}[ -]?\d{3}[ -]?\d{3}", digits(3, 6, 9), is_canadian_sin, "Canadian social insurance number",
                 "sin", "social insurance", "social insurance number"),
    scheme(r"[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d", capitals(4), is_mexican_curp, "Mexican CURP",
           "curp", sure=0.9),
    scheme(r"\d{3}\.\d{3}\.\d{3}-\d{2}", digits(3, 9, 11), is_brazilian_cpf, "Brazilian CPF", "cpf", sure=0.95),
    scheme(r"\d{11}|\d{9}-\d{2}", digits(3, 9, 11), is_brazilian_cpf, "Brazilian CPF", "cpf"),
    scheme(r"\d{1,2}\.\d{3}\.\d{3}-[0-9Kk]|\d{7,8}-[0-9Kk]", digits(1, 2, 7, 8), is_chilean_rut, "Chilean RUT",
           "rut", "run", sure=0.7),
    scheme(r"\d{6} ?\d{4} ?[012]\d{2}", digits(6, 10, 13), is_south_african_id, "South African identity number",
           "rsa id", "sa id", "id", "id no", "identity no", sure=0.6),
    scheme(r"[1-9]\d{10}", digits(11), is_turkish_number, "Turkish identity number", "kimlik", "tckn", "tc kimlik"),
    named_scheme(r"\d{9}|\d{8}-\d", digits(8, 9), is_israeli_id, "Israeli identity number", "teudat zehut"),
    scheme(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", digits(4, 8, 12), is_indian_aadhaar, "Indian Aadhaar number",
           "aadhaar", "uidai", "aadhar"),
    scheme(r"[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d\d{3}[\dXx]", digits(17, 18), is_chinese_id,
           "Chinese resident identity number",
           "resident id", sure=0.9),
    scheme(r"\d{2}[01]\d[0-3]\d-[1-8]\d{6}", digits(6), is_korean_number, "Korean resident registration number",
           "rrn", "resident registration", sure=0.9),
    named_scheme(r"\d{4}[ -]?\d{4}[ -]?\d{4}", digits(4, 8, 12), is_japanese_number, "Japanese individual number",
                 "my number", "individual number", "mynumber"),
    scheme(r"[STFGM]\d{7}[A-Z]", capitals(1), is_singapore_number, "Singapore NRIC or FIN", "nric", "fin", sure=0.9),
    scheme(r"[A-Z]{1,2}\d{6} ?\([0-9A]\)", capitals(1, 2), is_hong_kong_number, "Hong Kong identity number", "hkid",
           sure=0.9),
    scheme(r"[1-8]-\d{4}-\d{5}-\d{2}-\d", digits(1), is_thai_number, "Thai citizen number", "thai id", sure=0.9),
    named_scheme(r"\d{3} ?\d{3} ?\d{3}", digits(3, 6, 9), is_australian_tax_number, "Australian tax file number",
                 "tfn", "tax file number", "tax file"),
)  # fmt: skip
