"""Turns columns into integer codes: quasi-identifiers in an order in which they can be cut, values to be counted."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.errors import InputError
from secmlops.data.anonymise.attribute import Attribute, Category, Quantity, Taxonomy
from secmlops.data.anonymise.cells import Codes, Integers
from secmlops.data.anonymise.demand import BuiltIn, QuasiIdentifier, Sensitive
from secmlops.data.anonymise.privacy import Closeness, Mask, Model
from secmlops.data.anonymise.ready_made import ready_made
from secmlops.data.anonymise.tree import Tree, plant
from secmlops.data.arrow import Chunks, Values
from secmlops.data.values import ColumnType, numbers, text_form, type_of

MAX_SENSITIVE_VALUES = 1_000
MAX_LABEL_CLASSES = 20
_QUANTITY_CLASSES = 8
MISSING = "(missing)"
_NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.DATE, ColumnType.TIMESTAMP)


def code_attribute(table: pa.Table, wanted: QuasiIdentifier) -> Attribute:
    """Code one quasi-identifier.

    Raises InputError when it does not exist, is missing in all rows, has infinite values, differs in every row and is
    not a number, or has a value that its hierarchy does not know.
    """
    column = existing(table, wanted.column, "quasi-identifier")
    where = f"quasi-identifier {wanted.column!r}"
    if column.null_count == len(column):
        raise InputError("missing in every row", where=where, hint="leave it out: it tells nobody apart")
    kind = type_of(column)
    if wanted.hierarchy is None and kind in _NUMERIC:
        return _quantity(column, wanted, where)
    indices, values = _encoded(column)
    if wanted.hierarchy is None:
        _check_repeats(values, len(column), where)
        return _category(indices, values, wanted)
    return _taxonomy(indices, values, wanted, where)


def code_sensitive(table: pa.Table, wanted: Sensitive) -> tuple[Codes, int, tuple[Model, ...]]:
    """Codes [rows] of one sensitive column, how many there are, and its models.

    They follow the order of its values, or its hierarchy; a missing value is a value of its own. Raises InputError when
    the column does not exist or has more than 1,000 values.
    """
    column = existing(table, wanted.column, "sensitive column")
    where = f"sensitive column {wanted.column!r}"
    indices, values = _encoded(column)
    if len(values) > MAX_SENSITIVE_VALUES:
        told = f"{len(values):,} different values, at most {MAX_SENSITIVE_VALUES:,}"
        raise InputError(told, where=where, hint="put them in bands first: equal and nearly equal are not told apart")
    if wanted.hierarchy is None:
        places = _places(pc.array_sort_indices(values).to_numpy().astype(np.intp))
        return places[indices], len(values), wanted.models
    names, rows = _names(values), np.bincount(indices, minlength=len(values)).tolist()
    tree = plant(wanted.hierarchy.with_value(MISSING), dict(zip(names, rows, strict=True)))
    bound = tuple(replace(m, tree=tree) if isinstance(m, Closeness) else m for m in wanted.models)
    return _codes_in(tree, names)[indices], len(values), bound


def code_label(table: pa.Table, name: str) -> Codes:
    """Class of each row [rows]; a quantity is cut into eight classes of equal size.

    Raises InputError when there is no such column, or more than 20 classes of names.
    """
    column = existing(table, name, "label")
    indices, values = _encoded(column)
    if len(values) <= MAX_LABEL_CLASSES:
        return indices.astype(np.int32)
    if type_of(column) not in _NUMERIC:
        told = f"{len(values):,} classes, at most {MAX_LABEL_CLASSES}"
        raise InputError(told, where=f"label {name!r}", hint="leave the label out of the demand")
    known = numbers(column)
    inner = np.unique(np.nanquantile(known, np.linspace(0, 1, _QUANTITY_CLASSES + 1)[1:-1]))
    return np.digitize(known, inner).astype(np.int32)


def code_presence(table: pa.Table, name: str | None) -> Mask:
    """Whether each row is in the data set [rows]: all are when no column says so."""
    if name is None:
        return np.ones(table.num_rows, bool)
    column = existing(table, name, "presence column")
    if type_of(column) is not ColumnType.BOOLEAN or column.null_count:
        told = "the presence column must be true or false in every row"
        raise InputError(told, where=f"column {name!r}")
    return column.to_numpy().astype(bool)


def existing(table: pa.Table, name: str, role: str) -> Chunks:
    """The column ``name``; raises InputError when the table has none of that name."""
    if name not in table.column_names:
        raise InputError(f"{role} {name!r} is no column of the table", where="anonymise")
    return table[name]


def _encoded(column: Chunks) -> tuple[npt.NDArray[np.int64], Values]:
    """Index [rows] of each value among the different values, null among them."""
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return coded.indices.cast(pa.int64()).to_numpy(), coded.dictionary


def _places(order: npt.NDArray[np.intp]) -> Codes:
    """Place of each value in ``order``."""
    places = np.empty(len(order), np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return places


def _quantity(column: Chunks, wanted: QuasiIdentifier, where: str) -> Quantity:
    indices, values = _encoded(column)
    known = numbers(pa.chunked_array([values]))
    if np.isinf(known).any():
        raise InputError("infinite values", where=where, hint="leave these rows out, or set a bound")
    known, merged = np.unique(known, return_inverse=True)
    return Quantity(
        name=wanted.column,
        codes=merged.astype(np.int32)[indices],
        values=known,
        missing=bool(np.isnan(known[-1])),
        weight=wanted.weight,
    )


def _category(indices: Integers, values: Values, wanted: QuasiIdentifier) -> Category:
    """The most common first, so that a cut can peel it off."""
    order = np.argsort(-np.bincount(indices, minlength=len(values)), kind="stable")
    return Category(wanted.column, _places(order)[indices], values.take(order), wanted.weight)


def _taxonomy(indices: Integers, values: Values, wanted: QuasiIdentifier, where: str) -> Taxonomy:
    names, rows = _names(values), np.bincount(indices, minlength=len(values)).tolist()
    hierarchy = wanted.hierarchy
    if isinstance(hierarchy, BuiltIn):
        hierarchy = ready_made(hierarchy, (n for n in names if n != MISSING), where)
    if hierarchy is None:
        raise InputError("no hierarchy", where=where)
    tree = plant(hierarchy.with_value(MISSING), dict(zip(names, rows, strict=True)))
    return Taxonomy(wanted.column, _codes_in(tree, names)[indices], tree, wanted.weight)


def _codes_in(tree: Tree, names: list[str]) -> Codes:
    place = {leaf: code for code, leaf in enumerate(tree.leaves)}
    return np.array([place[name] for name in names], np.int32)


def _names(values: Values) -> list[str]:
    forms = text_form(pa.chunked_array([values])).to_pylist()
    return [MISSING if form is None else str(form) for form in forms]


def _check_repeats(values: Values, rows: int, where: str) -> None:
    if len(values) == rows:
        told = "every value is unique: this identifies persons, it does not describe them"
        raise InputError(
            told, where=where, hint="drop or pseudonymise the column, or give it a hierarchy if it has one"
        )
