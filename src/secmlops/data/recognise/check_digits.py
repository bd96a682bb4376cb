"""Check digits of identifiers: Luhn, modulo 11, modulo 97, ISO 7064 and Verhoeff."""

from collections.abc import Sequence

_VERHOEFF_D = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_VERHOEFF_P = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip


def digits_of(text: str) -> list[int]:
    """Decimal digits of ``text``, everything else left out."""
    return [int(c) for c in text if c in "0123456789"]


def luhn(digits: Sequence[int]) -> bool:
    """Whether the last digit is right by Luhn's formula (ISO/IEC 7812-1 annex B)."""
    doubled = [d * 2 - 9 * (d > 4) for d in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def weighted(digits: Sequence[int], weights: Sequence[int]) -> int:
    """Sum of the digits, each times its weight; digits beyond the weights are not counted."""
    return sum(d * w for d, w in zip(digits, weights, strict=False))


def mod_11_10(digits: Sequence[int]) -> bool:
    """Whether the last digit is right by ISO 7064, MOD 11,10."""
    product = 10
    for digit in digits[:-1]:
        total = (digit + product) % 10 or 10
        product = 2 * total % 11
    return (product + digits[-1]) % 10 == 1


def verhoeff(digits: Sequence[int]) -> bool:
    """Whether the last digit is right by Verhoeff's dihedral code."""
    state = 0
    for place, digit in enumerate(reversed(digits)):
        state = _VERHOEFF_D[state][_VERHOEFF_P[place % 8][digit]]
    return state == 0


def mod_11(digits: Sequence[int], weights: Sequence[int]) -> int:
    """Digit that makes the weighted sum a multiple of eleven: 0 to 10."""
    return -weighted(digits, weights) % 11
