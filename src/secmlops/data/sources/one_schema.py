"""One schema for the files of a source: which differences between files are none, and which are told."""

from collections.abc import Sequence

import pyarrow as pa

from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.formats.plain import plain, plain_schema

_ADVICE = "write all files of a source with the same columns and types"


def one_schema(schemas: Sequence[tuple[str, pa.Schema]], source: str) -> pa.Schema:
    """Plain schema of files (name, schema as stored), in the order of the first file's columns.

    Columns may stand in another order. A column that is empty in one file, and so has no type there, takes that of the
    others; whole numbers in one and others in another become float64, as programs write that for want of an integer
    that can be missing. Raises InputError that names file, column and both types for anything else.
    """
    first_name, first = schemas[0]
    types = _types(first, first_name)
    seen = dict.fromkeys(types, first_name)
    for name, schema in schemas[1:]:
        theirs = _types(schema, name)
        _check_names(types, theirs, (first_name, name), source)
        for column, kind in theirs.items():
            joined = _joined(types[column], kind)
            if joined is None:
                told = f"column {column!r} is {kind} here, and {types[column]} in {seen[column]}"
                raise InputError(told, where=f"{source}: {name}", hint=_ADVICE)
            if joined != types[column]:
                types[column], seen[column] = joined, name
    return pa.schema([(column, pa.string() if pa.types.is_null(kind) else kind) for column, kind in types.items()])


def plain_batch(batch: pa.RecordBatch, schema: pa.Schema, where: str) -> pa.RecordBatch:
    """Columns of ``schema`` out of a batch, in its plain types; raises InputError for values that do not fit."""
    return pa.record_batch([_column(batch, field, where) for field in schema], schema=schema)


def _column(batch: pa.RecordBatch, field: "pa.Field[pa.DataType]", where: str) -> "pa.Array[pa.Scalar[pa.DataType]]":
    column: Chunks = plain(pa.chunked_array([batch.column(field.name)]), f"{where}, column {field.name}")
    try:
        return column.cast(field.type).combine_chunks()
    except pa.ArrowInvalid:
        told = f"whole numbers that do not fit into {field.type}, which other files have here"
        raise InputError(told, where=f"{where}, column {field.name}", hint=_ADVICE) from None


def _types(schema: pa.Schema, name: str) -> dict[str, pa.DataType]:
    """Plain types by column; that of a column without any value stays open."""
    stored = {field.name: field.type for field in schema}
    return {f.name: stored[f.name] if pa.types.is_null(stored[f.name]) else f.type for f in plain_schema(schema, name)}


def _check_names(
    types: dict[str, pa.DataType], theirs: dict[str, pa.DataType], names: tuple[str, str], source: str
) -> None:
    first, here = names
    for missing, told in ((types.keys() - theirs.keys(), "lacks"), (theirs.keys() - types.keys(), "has besides")):
        if missing:
            shown = ", ".join(repr(column) for column in sorted(missing)[:5])
            raise InputError(
                f"it {told} columns, compared with {first}: {shown}", where=f"{source}: {here}", hint=_ADVICE
            )


def _joined(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    numbers = {one, other} == {pa.int64(), pa.float64()}
    return pa.float64() if numbers else None
