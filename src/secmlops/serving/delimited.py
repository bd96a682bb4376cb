"""Rows in CSV (RFC 4180) with a header, as pandas writes them: read into columns, numbers as numbers."""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from itertools import islice

from secmlops.core.errors import InputError
from secmlops.serving.columns import MAX_ROWS
from secmlops.serving.plan import Plan

_MAX_LINES = 2 * MAX_ROWS
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def columns_of_csv(body: bytes, plan: Plan) -> Mapping[str, Sequence[object]]:
    """Columns by name, None for an empty field; raises InputError, which quotes no value, for anything that is no CSV.

    Lines without any field are passed over. Names that the model does not know are left for the caller to refuse.
    """
    try:
        lines = list(islice(csv.reader(io.StringIO(body.decode(), newline=""), strict=True), _MAX_LINES + 1))
    except (csv.Error, UnicodeDecodeError):
        raise InputError("not a table in CSV", hint="RFC 4180, in UTF-8") from None
    if len(lines) > _MAX_LINES:
        raise InputError(f"more than {_MAX_LINES} lines", where="the table", hint=f"up to {MAX_ROWS} rows")
    rows = [line for line in lines if line]
    if len(rows) < 2:
        raise InputError("a header and at least one row are needed", where="the table")
    names, rows = rows[0], rows[1:]
    if len(set(names)) != len(names):
        raise InputError("a column is named twice", where="the header")
    short = next((line for line, row in enumerate(rows, 2) if len(row) != len(names)), None)
    if short is not None:
        raise InputError(f"not {len(names)} fields, one for each column", where=f"row {short}")
    return {name: _column(name, [row[place] for row in rows], plan) for place, name in enumerate(names)}


def _column(name: str, fields: Sequence[str], plan: Plan) -> Sequence[object]:
    if name not in plan.features or not plan.is_numeric(name):
        return [field or None for field in fields]
    numbers = [float(field) if _NUMBER.fullmatch(field) else math.inf for field in fields if field]
    if not all(map(math.isfinite, numbers)):
        hint = "leave the field of a missing value empty"
        raise InputError("a value that is no finite number", where=f"feature {name}", hint=hint)
    following = iter(numbers)
    return [next(following) if field else None for field in fields]
