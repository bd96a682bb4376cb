"""Numbers as people write them: a comma before the decimals, dots or commas between the thousands."""

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Values
from secmlops.data.formats.facts import Known, all_match, some_match
from secmlops.data.formats.meaning import Meaning, text

_COMMA_DECIMALS = r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$"
_DOT_DECIMALS = r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$"
_DOUBT = "read as text: its commas may stand before decimals or between thousands; write the numbers without"

WHOLE = all_match(r"^[+-]?\d+$")
_SEPARATED = all_match(r"^[+-]?\d[\d.,]*$", implied=WHOLE)
LEADING_ZERO = some_match(r"^[+-]?0\d", needs=_SEPARATED)
_COMMAS = all_match(_COMMA_DECIMALS, implied=WHOLE, needs=_SEPARATED)
_DOTS = all_match(_DOT_DECIMALS, implied=WHOLE, needs=_SEPARATED)
_DOTTED = all_match(r"^[+-]?\d{1,3}(\.\d{3}){0,2}$", needs=_SEPARATED)
_COMMA, _DOT = some_match(",", needs=_SEPARATED), some_match(r"\.", needs=_SEPARATED)
FACTS = (WHOLE, _SEPARATED, LEADING_ZERO, _COMMAS, _DOTS, _DOTTED, _COMMA, _DOT)


def has_decimal_commas(known: Known) -> bool:
    """Whether the texts are numbers of which some have decimals after a comma, and can be nothing else."""
    return known(_COMMAS) and not known(_DOTS) and known(_COMMA)


def can_be_numbers(known: Known) -> bool:
    """Whether all texts can be numbers with separators, or without."""
    return known(_COMMAS) or known(_DOTS)


def dotted_thousands(known: Known) -> Meaning | None:
    """Meaning of what can be whole numbers with dots between thousands; of nine digits at most, unlike addresses."""
    if not (known(_DOTTED) and known(_DOT)):
        return None
    note = "read with dots between thousands, as other columns have decimal commas"
    return Meaning(pa.float64(), _without_dots, note)


def separated_numbers(known: Known, comma_decimals: bool) -> Meaning | None:
    """Meaning of texts that are all numbers written with separators, as far as it can be told; None where they are not.

    ``comma_decimals``: where both readings are possible (``1,234``) a comma stands before the decimals. Without it
    such a column stays text, and the note says so.
    """
    if not (known(_SEPARATED) and known(_COMMA)) or known(LEADING_ZERO):
        return None
    comma, dot = known(_COMMAS), known(_DOTS)
    if comma and (comma_decimals or not dot):
        thousands = ", and dots between thousands" if known(_DOT) else ""
        return Meaning(pa.float64(), _without_dots, f"read with decimal commas{thousands}")
    if dot and not comma:
        return Meaning(pa.float64(), _without_commas, "read with commas between thousands")
    return text(_DOUBT) if comma else None


def is_like_a_number(texts: Values) -> Values:
    """Whether each text looks like a number with separators, whatever they mean."""
    return pc.or_(pc.match_substring_regex(texts, _COMMA_DECIMALS), pc.match_substring_regex(texts, _DOT_DECIMALS))


def _without_dots(texts: Values) -> Values:
    return pc.cast(pc.replace_substring(pc.replace_substring(texts, ".", ""), ",", "."), pa.float64())


def _without_commas(texts: Values) -> Values:
    return pc.cast(pc.replace_substring(texts, ",", ""), pa.float64())
