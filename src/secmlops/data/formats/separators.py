"""Numbers as people write them: a comma before the decimals, dots or commas between the thousands."""

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Values

_COMMA_DECIMALS = r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$"
_DOT_DECIMALS = r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$"
_SEPARATED = r"^[+-]?\d[\d.,]*$"
_LEADING_ZERO = r"^[+-]?0\d"
_DOUBT = "read as text: its commas may stand before decimals or between thousands; write the numbers without"
_DOTTED = r"^[+-]?\d{1,3}(\.\d{3}){0,2}$"


def has_decimal_commas(texts: Values) -> bool:
    """Whether the texts are numbers of which some have decimals after a comma, and can be nothing else."""
    return matches_all(texts, _COMMA_DECIMALS) and not matches_all(texts, _DOT_DECIMALS) and _has(texts, ",")


def has_dotted_thousands(texts: Values) -> bool:
    """Whether the texts can be whole numbers with dots between thousands; of nine digits at most, unlike addresses."""
    return matches_all(texts, _DOTTED) and _has(texts, ".")


def separated_numbers(texts: Values, comma_decimals: bool) -> tuple[Values | None, str]:
    """Numbers of texts that are all written with separators, and how they were read; None where they are not.

    ``comma_decimals``: where both readings are possible (``1,234``) a comma stands before the decimals. Without it
    such a column stays text, and the second answer says so.
    """
    if not (matches_all(texts, _SEPARATED) and _has(texts, ",")) or matches_any(texts, _LEADING_ZERO):
        return None, ""
    comma, dot = matches_all(texts, _COMMA_DECIMALS), matches_all(texts, _DOT_DECIMALS)
    if comma and (comma_decimals or not dot):
        thousands = ", and dots between thousands" if _has(texts, ".") else ""
        return without_dots(texts), f"read with decimal commas{thousands}"
    if dot and not comma:
        return pc.cast(pc.replace_substring(texts, ",", ""), pa.float64()), "read with commas between thousands"
    return None, _DOUBT if comma else ""


def without_dots(texts: Values) -> Values:
    """Numbers of texts with dots between thousands and a comma before decimals."""
    return pc.cast(pc.replace_substring(pc.replace_substring(texts, ".", ""), ",", "."), pa.float64())


def is_like_a_number(texts: Values) -> Values:
    """Whether each text looks like a number with separators, whatever they mean."""
    return pc.or_(pc.match_substring_regex(texts, _COMMA_DECIMALS), pc.match_substring_regex(texts, _DOT_DECIMALS))


def matches_all(texts: Values, pattern: str) -> bool:
    """Whether every text that is not null matches."""
    return bool(pc.all(pc.match_substring_regex(texts, pattern)).as_py())


def matches_any(texts: Values, pattern: str) -> bool:
    """Whether some text matches."""
    return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())


def _has(texts: Values, character: str) -> bool:
    return bool(pc.any(pc.match_substring(texts, character)).as_py())
