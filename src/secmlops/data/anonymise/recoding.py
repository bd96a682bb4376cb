"""Writes what is left of each quasi-identifier: one value for all rows of a class."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.anonymise.attribute import Attribute, Category, Quantity, Taxonomy
from secmlops.data.anonymise.cells import Cells, Integers, count_cells
from secmlops.data.anonymise.coding import MISSING
from secmlops.data.anonymise.demand import Representation
from secmlops.data.anonymise.hierarchy import ROOT
from secmlops.data.arrow import Chunks, Values
from secmlops.data.values import text_form

ANYTHING = ROOT


def recode(attribute: Attribute, classes: Integers, kind: pa.DataType, representation: Representation) -> Chunks:
    """Column [rows] of what the class of each row, ``classes`` [rows] from 0, keeps of a column of type ``kind``.

    Missing where a value is missing in the whole class; ``*`` where nothing is kept.
    """
    count = int(classes.max()) + 1
    cells = count_cells(attribute.codes, classes.astype(np.int32), count, attribute.domain)
    centre = representation is Representation.CENTRE
    if isinstance(attribute, Quantity):
        kept = _means(cells, attribute, kind) if centre else _ranges(cells, attribute, kind)
    elif isinstance(attribute, Category):
        kept = attribute.names.take(_commonest(cells)) if centre else _sets(cells, attribute)
    elif isinstance(attribute, Taxonomy):
        kept = _groups(cells, attribute)
    else:
        raise TypeError(f"no recoding for {type(attribute).__name__}")
    return pa.chunked_array([kept.take(classes)])


def _ranges(cells: Cells, attribute: Quantity, kind: pa.DataType) -> Values:
    forms = text_form(pa.chunked_array([_typed(attribute.values, kind)])).combine_chunks()
    low, high = forms.take(cells.lowest), forms.take(cells.highest)
    joined = pc.call_function("binary_join_element_wise", [low, high, pa.scalar(" to ")])
    single = pa.array(cells.lowest == cells.highest)
    mixed = pa.array(~single.to_numpy(zero_copy_only=False) & np.isnan(attribute.values[cells.highest]))
    kept: Values = pc.if_else(single, low, pc.if_else(mixed, pa.scalar(ANYTHING), joined))
    return kept


def _means(cells: Cells, attribute: Quantity, kind: pa.DataType) -> Values:
    value, count = attribute.values[cells.code], cells.count.astype(np.float64)
    known = ~np.isnan(value)
    starts = cells.first[:-1]
    rows = np.add.reduceat(np.where(known, count, 0.0), starts)
    total = np.add.reduceat(np.where(known, value * count, 0.0), starts)
    means = np.where(rows > 0, total / np.maximum(rows, 1), np.nan)
    return _typed(means, pa.float64() if pa.types.is_integer(kind) else kind)


def _typed(values: npt.NDArray[np.float64], kind: pa.DataType) -> Values:
    """``values`` in the type of the column; days of dates are counted from 1970-01-01."""
    missing = np.isnan(values)
    if pa.types.is_floating(kind):
        return pa.array(values, mask=missing)
    known = np.where(missing, 0.0, values)
    if pa.types.is_timestamp(kind):
        known = known * 86_400e6
    whole = np.round(known).astype(np.int64)
    if pa.types.is_date(kind):
        return pa.array(whole.astype(np.int32), mask=missing).cast(kind)
    return pa.array(whole, mask=missing).cast(kind)


def _commonest(cells: Cells) -> Integers:
    """Code that most rows of each class have [classes]; of equally common ones the smallest."""
    top = np.maximum.reduceat(cells.count, cells.first[:-1])[cells.node]
    best = np.flatnonzero(cells.count == top)
    _, first = np.unique(cells.node[best], return_index=True)
    return cells.code[best[first]]


def _sets(cells: Cells, attribute: Category) -> Values:
    forms = text_form(pa.chunked_array([attribute.names])).to_pylist()
    known: dict[bytes, str | None] = {}
    kept = []
    for start, end in zip(cells.first[:-1].tolist(), cells.first[1:].tolist(), strict=True):
        codes = cells.code[start:end]
        key = codes.tobytes()
        if key not in known:
            known[key] = _named([forms[code] for code in codes.tolist()], attribute.domain)
        kept.append(known[key])
    return pa.array(kept, pa.string())


def _named(names: list[str | None], domain: int) -> str | None:
    if len(names) == 1:
        return names[0]
    if len(names) == domain:
        return ANYTHING
    return "{" + ", ".join(sorted(MISSING if name is None else name for name in names)) + "}"


def _groups(cells: Cells, attribute: Taxonomy) -> Values:
    """Lowest group that holds all values of a class."""
    tree, chosen, offset = attribute.tree, np.zeros(len(cells.lowest), np.int64), 0
    for depth, groups in enumerate(tree.groups):
        group = groups[cells.lowest]
        chosen = np.where(group == groups[cells.highest], offset + group, chosen)
        offset += len(tree.names[depth])
    names = [None if name == MISSING else name for level in tree.names for name in level]
    return pa.array(names, pa.string()).take(chosen)
