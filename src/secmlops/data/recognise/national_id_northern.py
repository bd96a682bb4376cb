"""Recognises national identifiers of northern, central and eastern Europe, each by its check digits."""

from secmlops.data.recognise.check_digits import digits_of, luhn, mod_11, mod_11_10, weighted
from secmlops.data.recognise.heads import digits
from secmlops.data.recognise.national_id import is_day, named_scheme, scheme

_FINNISH_MARKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def is_polish_pesel(text: str) -> bool:
    """PESEL: weights 1, 3, 7, 9, modulo 10, and a month between 1 and 12 within its century."""
    digits = digits_of(text)
    month, day = (digits[2] * 10 + digits[3]) % 20, digits[4] * 10 + digits[5]
    return weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0 and 1 <= month <= 12 and 1 <= day <= 31


def is_swedish_number(text: str) -> bool:
    """Personnummer: Luhn over the last ten digits, which begin with year, month and day."""
    digits = digits_of(text)[-10:]
    month, day = digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]
    return luhn(digits) and 1 <= month <= 12 and 1 <= day % 60 <= 31


def is_norwegian_number(text: str) -> bool:
    """Fødselsnummer: day, month and year, then two check digits modulo 11; 40 is added to the day of a D number."""
    digits = digits_of(text)
    day, month = digits[0] * 10 + digits[1], digits[2] * 10 + digits[3]
    first = mod_11(digits[:9], (3, 7, 6, 1, 8, 9, 4, 5, 2))
    second = mod_11(digits[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
    return [first, second] == digits[9:] and 1 <= month <= 12 and 1 <= day % 40 <= 31


def is_danish_number(text: str) -> bool:
    """CPR: a day, month and year; the check digit has not been kept since 2007."""
    digits = digits_of(text)
    day, month, year = (digits[i] * 10 + digits[i + 1] for i in (0, 2, 4))
    return is_day(year, month, day)


def is_finnish_code(text: str) -> bool:
    """Henkilötunnus: the mark is the nine digits modulo 31."""
    compact = text.strip().upper()
    return _FINNISH_MARKS[int(compact[:6] + compact[7:10]) % 31] == compact[10]


def is_baltic_code(text: str) -> bool:
    """Isikukood and asmens kodas: weights 1 to 9 and 1, modulo 11; where that is 10, weights 3 to 9 and 1 to 3."""
    digits = digits_of(text)
    month, day = digits[3] * 10 + digits[4], digits[5] * 10 + digits[6]
    rest = weighted(digits[:10], (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if rest == 10:
        rest = weighted(digits[:10], (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return rest == digits[10] and 1 <= month <= 12 and 1 <= day <= 31


def is_czech_number(text: str) -> bool:
    """Rodné číslo, Czech and Slovak: ten digits that eleven divides; 50, 20 or both are added to the month."""
    digits = digits_of(text)
    month, day = digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]
    return int("".join(map(str, digits))) % 11 == 0 and month % 50 % 20 in range(1, 13) and 1 <= day <= 31


def is_romanian_cnp(text: str) -> bool:
    """CNP: weights 279146358279, modulo 11, 1 for ten."""
    digits = digits_of(text)
    month, day = digits[3] * 10 + digits[4], digits[5] * 10 + digits[6]
    rest = weighted(digits[:12], (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (1 if rest == 10 else rest) == digits[12] and 1 <= month <= 12 and 1 <= day <= 31


def is_bulgarian_egn(text: str) -> bool:
    """EGN: weights 2, 4, 8, 5, 10, 9, 7, 3, 6, modulo 11, modulo 10; 20 or 40 is added to the month."""
    digits = digits_of(text)
    month, day = (digits[2] * 10 + digits[3]) % 20, digits[4] * 10 + digits[5]
    fits = weighted(digits[:9], (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == digits[9]
    return fits and 1 <= month <= 12 and 1 <= day <= 31


def is_croatian_oib(text: str) -> bool:
    """OIB: ISO 7064, MOD 11,10."""
    return mod_11_10(digits_of(text))


def is_south_slavic_number(text: str) -> bool:
    """JMBG and EMŠO: day, month and year, then weights 7 to 2 twice, modulo 11."""
    digits = digits_of(text)
    day, month = digits[0] * 10 + digits[1], digits[2] * 10 + digits[3]
    fits = mod_11(digits[:12], (7, 6, 5, 4, 3, 2) * 2) % 10 == digits[12]
    return fits and is_day(4, month, day)


NORTHERN_AND_EASTERN_EUROPE = (
    scheme(r"\d{11}", digits(11), is_polish_pesel, "Polish PESEL", "pesel"),
    scheme(r"(?:19|20)?\d{6}[-+]?\d{4}", digits(6, 8, 10, 12), is_swedish_number, "Swedish personnummer", "personnr",
           "personnummer"),
    scheme(r"\d{6} ?\d{5}", digits(6, 11), is_norwegian_number, "Norwegian fødselsnummer",
           "fødselsnummer", "fodselsnummer", "fnr", "personnummer", sure=0.7),
    named_scheme(r"[0-3]\d[01]\d{3}[- ]?\d{4}", digits(6, 10), is_danish_number, "Danish CPR number",
                 "cpr", "cpr nummer", "cpr nr", "personnummer"),
    scheme(r"[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", digits(6), is_finnish_code,
           "Finnish personal identity code",
           "hetu", "henkilötunnus", sure=0.9),
    scheme(r"[1-6]\d{10}", digits(11), is_baltic_code, "Estonian or Lithuanian personal code",
           "isikukood", "asmens kodas", "personal code"),
    scheme(r"\d{6}/\d{4}|\d{10}", digits(6, 10), is_czech_number, "Czech or Slovak rodné číslo",
           "rodné číslo", "rodne cislo", "rodné čislo"),
    scheme(r"[1-9]\d{12}", digits(13), is_romanian_cnp, "Romanian CNP", "cnp", "cod numeric personal"),
    scheme(r"\d{10}", digits(10), is_bulgarian_egn, "Bulgarian EGN", "egn", "егн"),
    named_scheme(r"\d{11}", digits(11), is_croatian_oib, "Croatian OIB", "oib"),
    scheme(r"[0-3]\d[01]\d{10}", digits(13), is_south_slavic_number, "JMBG or EMŠO", "jmbg", "emšo", "emso", "jmb"),
)  # fmt: skip
