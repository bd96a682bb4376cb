"""Recognises national and tax identifiers of western and southern Europe, each by its check digits or structure."""

import re

from secmlops.data.recognise.check_digits import digits_of, luhn, mod_11, mod_11_10, weighted
from secmlops.data.recognise.heads import Heads, capitals, digits, letters
from secmlops.data.recognise.national_id import is_day, named_scheme, scheme

_SPANISH_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_IRISH_LETTERS = "WABCDEFGHIJKLMNOPQRSTUV"
_BRITISH_TAX_DIGITS = (2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1)
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


def is_german_social_insurance(text: str) -> bool:
    """Versicherungsnummer (VKVV section 4): the letter as two digits, weighted, cross sums modulo 10."""
    compact = re.sub(r"\s", "", text).upper()
    digits = [int(d) for d in f"{compact[:8]}{ord(compact[8]) - ord('A') + 1:02d}{compact[9:11]}"]
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    return sum(sum(divmod(d * w, 10)) for d, w in zip(digits, weights, strict=True)) % 10 == int(compact[11])


def is_austrian_insurance(text: str) -> bool:
    """Sozialversicherungsnummer: the fourth digit is the weighted sum of the others modulo 11."""
    digits = digits_of(text)
    return digits[0] > 0 and weighted(digits, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == digits[3]


def is_british_insurance(text: str) -> bool:
    """National Insurance number: prefixes BG, GB, KN, NK, NT, TN and ZZ are not given."""
    return text.strip()[:2].upper() not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def is_british_tax_reference(text: str) -> bool:
    """Unique Taxpayer Reference: the first digit is told by the nine others, modulo 11."""
    digits = digits_of(text)
    return _BRITISH_TAX_DIGITS[weighted(digits[1:], (6, 7, 8, 9, 10, 5, 4, 3, 2)) % 11] == digits[0]


def is_irish_number(text: str) -> bool:
    """Personal Public Service number: weights 8 to 2, 9 for a second letter, modulo 23."""
    compact = text.strip().upper()
    second = ord(compact[8]) - ord("A") + 1 if len(compact) == 9 and compact[8] != "W" else 0
    return _IRISH_LETTERS[(weighted(digits_of(compact), range(8, 1, -1)) + 9 * second) % 23] == compact[7]


def is_french_nir(text: str) -> bool:
    """Numéro d'inscription au répertoire: 97 minus the number modulo 97; Corsica (2A, 2B) counts as 19 and 18."""
    compact = re.sub(r"[\s.-]", "", text).replace("2A", "19").replace("2B", "18")
    return int(compact[13:]) == 97 - int(compact[:13]) % 97


def is_french_tax_number(text: str) -> bool:
    """Numéro fiscal de référence: the last three digits are the first ten modulo 511."""
    digits = "".join(map(str, digits_of(text)))
    return int(digits[10:]) == int(digits[:10]) % 511


def is_spanish_dni(text: str) -> bool:
    """DNI or NIE: the letter is the number modulo 23; X, Y, Z at the front count as 0, 1, 2."""
    compact = re.sub(r"[\s.-]", "", text).upper()
    number = compact[:8].translate(str.maketrans("XYZ", "012"))
    return _SPANISH_LETTERS[int(number) % 23] == compact[-1]


def is_portuguese_nif(text: str) -> bool:
    """NIF: weights 9 to 2, modulo 11."""
    digits = digits_of(text)
    return mod_11(digits[:8], range(9, 1, -1)) % 10 == digits[8]


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
    fits = int(digits[9:]) in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)
    return fits and int(digits[2:4]) % 20 <= 12 and int(digits[4:6]) <= 31


def is_swiss_number(text: str) -> bool:
    """AHV number: 756 at the front, check digit of EAN-13."""
    digits = digits_of(text)
    return weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


def is_greek_amka(text: str) -> bool:
    """AMKA: a day, month and year, then Luhn's digit."""
    digits = digits_of(text)
    day, month, year = (digits[i] * 10 + digits[i + 1] for i in (0, 2, 4))
    return is_day(year, month, day) and luhn(digits)


def is_greek_tax_number(text: str) -> bool:
    """AFM: powers of two from 256 to 2, modulo 11, modulo 10."""
    digits = digits_of(text)
    return any(digits) and weighted(digits[:8], [2**power for power in range(8, 0, -1)]) % 11 % 10 == digits[8]


WESTERN_EUROPE = (
    scheme(r"\d{11}|\d{2} \d{3} \d{3} \d{3}", digits(2, 11), is_german_tax_id, "German tax identification number",
           "steuer id", "steuerid", "steuernummer", "steueridentifikationsnummer", "idnr", "steuer idnr"),
    scheme(r"\d{2} ?\d{6} ?[A-Za-z] ?\d{3}", digits(2, 8), is_german_social_insurance, "German social insurance number",
           "svnr", "rvnr", "sozialversicherungsnummer", "rentenversicherungsnummer", sure=0.9),
    named_scheme(r"\d{4}[ -]?\d{6}", digits(4, 10), is_austrian_insurance, "Austrian social insurance number",
                 "svnr", "sozialversicherungsnummer", "sv nummer"),
    scheme(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D]", capitals(2),
           is_british_insurance,
           "British National Insurance number", "nino", "national insurance", "ni number", "ni no", sure=0.75),
    named_scheme(r"\d{5} ?\d{5}", digits(5, 10), is_british_tax_reference, "British taxpayer reference",
                 "utr", "unique taxpayer reference", "taxpayer reference"),
    scheme(r"\d{7}[A-Wa-w][A-IWa-iw]?", digits(7), is_irish_number, "Irish PPS number", "pps", "ppsn", "pps number"),
    scheme(r"[12][ .-]?\d{2}[ .-]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .-]?(?:\d\d|2[AB])[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{2}",
           digits(1, 3, 5, 6, 7, 8, 10, 13, 15), is_french_nir, "French social security number",
           "nir", "insee", "sécurité sociale", "securite sociale", sure=0.9),
    named_scheme(r"[0-3]\d{12}|[0-3]\d \d{2} \d{3} \d{3} \d{3}", digits(2, 13), is_french_tax_number,
                 "French tax number", "spi", "numéro fiscal", "numero fiscal"),
    scheme(r"(?:\d{2}\.?\d{3}\.?\d{3}|[XYZ]-?\d{7})[ -]?[A-Z]", Heads(digits=(2, 5, 8), capitals=(1,)),
           is_spanish_dni, "Spanish DNI or NIE",
           "dni", "nie", "nif", sure=0.7),
    named_scheme(r"[1-3568]\d{2} ?\d{3} ?\d{3}", digits(3, 6, 9), is_portuguese_nif, "Portuguese NIF", "nif",
                 "contribuinte"),
    scheme(r"[A-Za-z]{6}\d{2}[A-EHLMPR-Ta-ehlmpr-t]\d{2}[A-Za-z]\d{3}[A-Za-z]", letters(6), is_italian_code,
           "Italian codice fiscale", "codice fiscale", "cf", sure=0.9),
    scheme(r"\d{9}|\d{4}[ .]\d{2}[ .]\d{3}|\d{3} \d{3} \d{3}", digits(3, 4, 9), is_dutch_bsn, "Dutch BSN",
           "bsn", "burgerservicenummer", "sofinummer"),
    scheme(r"\d{2}\.?\d{2}\.?\d{2}[- ]?\d{3}[. ]?\d{2}", digits(2, 4, 6, 9, 11), is_belgian_number,
           "Belgian national register number",
           "rijksregisternummer", "niss", "rijksregister", "registre national", "nrn", sure=0.6),
    scheme(r"756\.?\d{4}\.?\d{4}\.?\d{2}|756 \d{4} \d{4} \d{2}", digits(3, 7, 11, 13), is_swiss_number,
           "Swiss AHV number",
           "ahv", "avs", "ahv nummer", sure=0.9),
    named_scheme(r"\d{6}[ -]?\d{5}", digits(6, 11), is_greek_amka, "Greek AMKA", "amka", "αμκα"),
    named_scheme(r"\d{9}", digits(9), is_greek_tax_number, "Greek tax number", "afm", "αφμ"),
)  # fmt: skip
