"""The plain types that every table is read into, whatever wrote it: for columns, for batches, and for schemas."""

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.formats.delimited import MAX_COLUMNS
from secmlops.data.formats.inference import known_texts

_INDEX_PREFIX = "__index_level_"


def plain_schema(schema: pa.Schema, name: str) -> pa.Schema:
    """Schema of the plain types that columns of ``schema`` become; an index that pandas wrote is none of them.

    Integers become int64, other numbers float64, texts, dictionaries and columns without a type string, moments
    timestamp[us] in UTC, days date32. Raises InputError for any other type, and for columns without a name, or with
    the same name.
    """
    names = schema.names
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{len(names)} columns, at most {MAX_COLUMNS} are read", where=name)
    if len(set(names)) != len(names) or not all(n.strip() for n in names):
        raise InputError("columns without a name, or with the same name", where=name, hint="rename the columns")
    kept = [field for field in schema if not field.name.startswith(_INDEX_PREFIX)]
    return pa.schema([(field.name, _plain_type_of(field, f"{name}, column {field.name}")) for field in kept])


def plain(column: Chunks, where: str) -> Chunks:
    """Column [n] in its plain type; NaN and texts that are empty or spell a missing value become null.

    Spaces around texts go. Raises InputError for a type that is none of a plain column's, or values that do not fit.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return plain(column.cast(kind.value_type), where)
    target = _plain_type_of(pa.field("", kind), where)
    try:
        cast = column.cast(target)
    except pa.ArrowInvalid:
        raise InputError(f"values of type {kind} that do not fit into {target}", where=where) from None
    return _without_blanks(cast)


def _plain_type_of(field: "pa.Field[pa.DataType]", where: str) -> pa.DataType:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    found = _plain_type(kind)
    if found is None:
        raise InputError(f"a column of type {kind}", where=where, hint="flatten it to numbers, texts or dates, or drop")
    return found


def _plain_type(kind: pa.DataType) -> pa.DataType | None:
    types = pa.types
    if types.is_boolean(kind) or types.is_date32(kind):
        return kind
    if types.is_integer(kind):
        return pa.int64()
    if types.is_floating(kind) or types.is_decimal(kind):
        return pa.float64()
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind):
        return pa.string()
    if types.is_timestamp(kind):
        return pa.timestamp("us")
    return pa.date32() if types.is_date64(kind) else None


def _without_blanks(column: Chunks) -> Chunks:
    missing = pa.scalar(None, column.type)
    cleaned = column
    if pa.types.is_floating(column.type):
        cleaned = pc.if_else(pc.is_nan(column), missing, column)
    elif pa.types.is_string(column.type):
        cleaned = known_texts(column)
    return cleaned
