"""Draws invented persons: names, identifiers with valid check digits, and ways to reach them.

Nobody is meant: names combine common given and family names at random; tax numbers begin with the 0 that the German
tax office keeps for tests; telephone numbers lie in ranges that the Bundesnetzagentur keeps for films and books;
e-mail domains are reserved for documentation (RFC 2606); bank codes begin with a 0, which no bank has.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Texts: TypeAlias = npt.NDArray[np.str_]

GIVEN_NAMES = {
    "female": (
        "Anna",
        "Maria",
        "Emma",
        "Sofia",
        "Laura",
        "Julia",
        "Lena",
        "Sarah",
        "Elif",
        "Ines",
        "Clara",
        "Katharina",
    ),
    "male": (
        "Paul",
        "Lukas",
        "Thomas",
        "Martin",
        "David",
        "Jonas",
        "Peter",
        "Andreas",
        "Mehmet",
        "Carlos",
        "Jan",
        "Felix",
    ),
}
FAMILY_NAMES = (
    "Schmidt", "Fischer", "Weber", "Wagner", "Becker", "Hoffmann", "Koch", "Richter", "Klein", "Wolf", "Schneider",
    "Neumann", "Garcia", "Martin", "Rossi", "Kowalski", "Novak", "Yilmaz", "Jansen", "Andersson",
)  # fmt: skip
STREETS = (
    "Lindenstraße",
    "Bahnhofstraße",
    "Gartenweg",
    "Schulstraße",
    "Bergstraße",
    "Kirchplatz",
    "Parkallee",
    "Hauptstraße",
)
DOMAINS = ("example.com", "example.org", "example.net")
FICTION_NUMBERS = ("+49 30 23125", "+49 69 90009", "+49 40 66969", "+49 221 4710", "+49 89 99998")


def full_names(sex: Texts, rng: np.random.Generator) -> Texts:
    """A given and a family name for each entry of ``sex`` [n], which holds ``female`` or ``male``."""
    given = np.where(
        sex == "female",
        rng.choice(GIVEN_NAMES["female"], len(sex)),
        rng.choice(GIVEN_NAMES["male"], len(sex)),
    )
    return joined(given, " ", rng.choice(FAMILY_NAMES, len(sex)))


def joined(*parts: Texts | str) -> Texts:
    """Join the parts element by element; a plain string is the same for all."""
    result: Texts = np.asarray(parts[0], np.str_)
    for part in parts[1:]:
        result = np.strings.add(result, np.asarray(part, np.str_))
    return result


def e_mails(names: Texts, rng: np.random.Generator) -> Texts:
    """An address for each name, in a domain that can never receive mail."""
    local = np.strings.replace(np.strings.lower(names), " ", ".")
    number = rng.integers(1, 1_000, len(names)).astype(np.str_)
    return joined(local, number, "@", rng.choice(DOMAINS, len(names)))


def phones(count: int, rng: np.random.Generator) -> Texts:
    """German numbers in the ranges kept for fiction, in international form."""
    ending = np.strings.zfill(rng.integers(0, 1_000, count).astype(np.str_), 3)
    return joined(rng.choice(FICTION_NUMBERS, count), " ", ending)


def street_addresses(count: int, rng: np.random.Generator) -> Texts:
    """Street and house number."""
    return joined(rng.choice(STREETS, count), " ", rng.integers(1, 200, count).astype(np.str_))


def tax_numbers(count: int, rng: np.random.Generator) -> Texts:
    """German tax identification numbers for tests: 0, nine digits of which one appears twice, and a check digit.

    The check digit follows ISO 7064, MOD 11,10.
    """
    digits = rng.permuted(np.tile(np.arange(1, 10), (count, 1)), axis=1)
    from_place = rng.integers(0, 8, count)
    to_place = from_place + 1
    rows = np.arange(count)
    digits[rows, to_place] = digits[rows, from_place]
    digits = np.concatenate([np.zeros((count, 1), digits.dtype), digits], axis=1)
    product = np.full(count, 10)
    for place in range(10):
        total = (digits[:, place] + product) % 10
        product = 2 * np.where(total == 0, 10, total) % 11
    check = (11 - product) % 10
    number = digits @ 10 ** np.arange(9, -1, -1) * 10 + check
    return np.strings.zfill(number.astype(np.str_), 11)


def ibans(count: int, rng: np.random.Generator) -> Texts:
    """German IBANs (ISO 13616) of a bank that does not exist: the check digits are right modulo 97."""
    bank = rng.integers(10_000_000, 100_000_000, count) % 10_000_000
    account = rng.integers(0, 10_000_000_000, count)
    germany = 131400
    remainder = ((bank * (10**10 % 97) + account) % 97 * (10**6 % 97) + germany) % 97
    check = np.strings.zfill((98 - remainder).astype(np.str_), 2)
    return joined("DE", check, np.strings.zfill(bank.astype(np.str_), 8), np.strings.zfill(account.astype(np.str_), 10))
