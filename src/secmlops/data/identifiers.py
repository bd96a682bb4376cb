"""Tells columns that number or name the rows from columns that measure something."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Chunks, Values
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Signature

MINIMUM_ROWS = 50
_NEARLY_ALL = 0.9
_DENSE = 4.0


def identifier_features(signature: Signature, train: Examples) -> tuple[str, ...]:
    """Names of the features that have another value in nearly every training row."""
    columns = {
        **{f.name: pa.array(train.inputs.categorical[:, i], pa.string()) for i, f in enumerate(signature.categorical)},
        **{f.name: _whole(train.inputs.numeric[:, i]) for i, f in enumerate(signature.numeric) if f.integer},
    }
    return tuple(f.name for f in signature.features if f.name in columns and names_rows(columns[f.name]))


def _whole(values: npt.NDArray[np.float32]) -> Values:
    missing = np.isnan(values)
    return pa.array(np.where(missing, 0, values).astype(np.int64), mask=missing)


def names_rows(column: Chunks | Values) -> bool:
    """Whether a column of texts or whole numbers is an identifier of its rows.

    Of texts nine in ten values differ; whole numbers all differ and are packed as a count is: their range is less than
    four times their number. Below 50 rows nothing can be said, and the answer is no.
    """
    known, rows = column.drop_null(), len(column)
    if rows < MINIMUM_ROWS or len(known) < _NEARLY_ALL * rows:
        return False
    different = len(known.unique())
    if pa.types.is_string(column.type):
        return different > _NEARLY_ALL * len(known)
    if not pa.types.is_integer(column.type) or different < len(known):
        return False
    low, high = pc.min(known).as_py(), pc.max(known).as_py()
    return bool(high - low < _DENSE * len(known))
