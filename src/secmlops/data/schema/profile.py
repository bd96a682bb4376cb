"""The profile of a table: what each column held when it was looked at, kept to notice later that it no longer does."""

from collections.abc import Collection

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.values import ColumnType, distinct, numbers, text_form, type_of

MAX_CATEGORIES = 50


class ColumnProfile(msgspec.Struct, frozen=True, kw_only=True):
    """One column: type, share of missing values (0 to 1), number of different values, and what they look like.

    ``minimum`` and ``maximum`` are of the finite numbers, in days since 1970-01-01 for dates. ``categories`` are the
    values of a column with at most 50, sorted. ``shape`` is the common shape of all texts (``A9999``: a letter, four
    digits), empty when they have none in common. A column whose values are ``withheld`` keeps counts only.
    """

    name: str
    type: ColumnType
    missing: float
    distinct: int
    minimum: float | None = None
    maximum: float | None = None
    infinite: int = 0
    categories: tuple[str, ...] = ()
    shape: str = ""
    withheld: bool = False


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a table in order, and its number of rows."""

    rows: int
    columns: tuple[ColumnProfile, ...]

    def to_json(self) -> bytes:
        """Serialise as JSON; ``from_json`` reads it back equal."""
        return msgspec.json.encode(self, order="deterministic")

    @classmethod
    def from_json(cls, data: bytes | str) -> "Profile":
        """Read what ``to_json`` wrote; raises InputError otherwise."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise InputError(f"not a profile of a table: {error}", hint="use the product of data.schema") from None


def profile_of(table: pa.Table, withheld: Collection[str] = ()) -> Profile:
    """Profile of ``table``; columns named in ``withheld`` hold personal data, and none of their values is kept."""
    columns = tuple(_column(name, table[name], name in withheld) for name in table.column_names)
    return Profile(rows=table.num_rows, columns=columns)


def _column(name: str, column: Chunks, withheld: bool) -> ColumnProfile:
    kind, different = type_of(column), distinct(column)
    low, high, infinite = _range(column, kind)
    return ColumnProfile(
        name=name,
        type=kind,
        missing=column.null_count / max(len(column), 1),
        distinct=different,
        minimum=None if withheld else low,
        maximum=None if withheld else high,
        infinite=infinite,
        categories=() if withheld else _categories(column, kind, different),
        shape="" if withheld else _shape(column, kind),
        withheld=withheld,
    )


def _range(column: Chunks, kind: ColumnType) -> tuple[float | None, float | None, int]:
    if kind in (ColumnType.TEXT, ColumnType.BOOLEAN):
        return None, None, 0
    values = numbers(column)
    finite = values[np.isfinite(values)]
    infinite = int(np.count_nonzero(np.isinf(values)))
    return (float(finite.min()), float(finite.max()), infinite) if len(finite) else (None, None, infinite)


def _categories(column: Chunks, kind: ColumnType, different: int) -> tuple[str, ...]:
    if kind not in (ColumnType.TEXT, ColumnType.BOOLEAN) or different > MAX_CATEGORIES:
        return ()
    forms = text_form(column).combine_chunks().unique().to_pylist()
    return tuple(sorted(str(form) for form in forms if form is not None))


def _shape(column: Chunks, kind: ColumnType) -> str:
    if kind is not ColumnType.TEXT or column.null_count == len(column):
        return ""
    shapes = shapes_of(column).combine_chunks().unique().to_pylist()
    known = [shape for shape in shapes if shape is not None]
    return str(known[0]) if len(known) == 1 and "9" in str(known[0]) else ""


def shapes_of(column: Chunks) -> Chunks:
    """Shape of each text: letters become ``A`` or ``a``, digits ``9``, everything else stays."""
    shaped: Chunks = pc.replace_substring_regex(column, r"\p{Lu}", "A")
    shaped = pc.replace_substring_regex(shaped, r"\p{Ll}", "a")
    return pc.replace_substring_regex(shaped, r"\d", "9")
