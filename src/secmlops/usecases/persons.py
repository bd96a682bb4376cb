"""Draws invented persons: names, identifiers with valid check digits, and ways to reach them.

Nobody is meant: names combine common given and family names at random; tax numbers begin with the 0 that the German
tax office keeps for tests; telephone numbers lie in ranges that the Bundesnetzagentur keeps for films and books;
e-mail domains are reserved for documentation (RFC 2606); bank codes begin with a 0, which no bank has.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Values

WOMEN = ("Anna", "Maria", "Emma", "Sofia", "Laura", "Julia", "Lena", "Sarah", "Elif", "Ines", "Clara", "Katharina")
MEN = ("Paul", "Lukas", "Thomas", "Martin", "David", "Jonas", "Peter", "Andreas", "Mehmet", "Carlos", "Jan", "Felix")
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


def drawn(words: Sequence[str], count: int, rng: np.random.Generator) -> Values:
    """Draw ``count`` of ``words`` at random."""
    return pa.array(words, pa.string()).take(rng.integers(0, len(words), count))


def joined(*parts: Values | str) -> Values:
    """Join the parts element by element; a plain string is the same for all."""
    columns = [pa.scalar(part) if isinstance(part, str) else part for part in parts]
    texts: Values = pc.call_function("binary_join_element_wise", [*columns, pa.scalar("")])
    return texts


def padded(numbers: npt.NDArray[np.int64], width: int) -> Values:
    """Numbers as texts of ``width`` digits."""
    texts: Values = pc.call_function(
        "ascii_lpad", [pa.array(numbers).cast(pa.string())], pc.PadOptions(width, padding="0")
    )
    return texts


def full_names(female: npt.NDArray[np.bool_], rng: np.random.Generator) -> Values:
    """A given and a family name for each person."""
    count = len(female)
    given: Values = pc.call_function("if_else", [pa.array(female), drawn(WOMEN, count, rng), drawn(MEN, count, rng)])
    return joined(given, " ", drawn(FAMILY_NAMES, count, rng))


def e_mails(names: Values, rng: np.random.Generator) -> Values:
    """An address for each name, in a domain that can never receive mail."""
    count = len(names)
    local: Values = pc.call_function("utf8_lower", [names])
    local = pc.replace_substring(local, " ", ".")
    return joined(local, padded(rng.integers(1, 1_000, count), 1), "@", drawn(DOMAINS, count, rng))


def phones(count: int, rng: np.random.Generator) -> Values:
    """German numbers in the ranges kept for fiction, in international form."""
    return joined(drawn(FICTION_NUMBERS, count, rng), " ", padded(rng.integers(0, 1_000, count), 3))


def street_addresses(count: int, rng: np.random.Generator) -> Values:
    """Street and house number."""
    return joined(drawn(STREETS, count, rng), " ", padded(rng.integers(1, 200, count), 1))


def tax_numbers(count: int, rng: np.random.Generator) -> Values:
    """German tax identification numbers for tests: 0, nine digits of which one appears twice, and a check digit.

    The check digit follows ISO 7064, MOD 11,10.
    """
    digits = rng.permuted(np.tile(np.arange(1, 10), (count, 1)), axis=1)
    rows, repeated = np.arange(count), rng.integers(0, 8, count)
    digits[rows, repeated + 1] = digits[rows, repeated]
    digits = np.concatenate([np.zeros((count, 1), digits.dtype), digits], axis=1)
    product = np.full(count, 10)
    for place in range(10):
        total = (digits[:, place] + product) % 10
        product = 2 * np.where(total == 0, 10, total) % 11
    check = (11 - product) % 10
    return padded(digits @ 10 ** np.arange(9, -1, -1) * 10 + check, 11)


def ibans(count: int, rng: np.random.Generator) -> Values:
    """German IBANs (ISO 13616) of a bank that does not exist: the check digits are right modulo 97."""
    bank = rng.integers(0, 10_000_000, count)
    account = rng.integers(0, 10_000_000_000, count)
    germany = 131400
    remainder = ((bank * (10**10 % 97) + account) % 97 * (10**6 % 97) + germany) % 97
    return joined("DE", padded(98 - remainder, 2), padded(bank, 8), padded(account, 10))
