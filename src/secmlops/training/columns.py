"""The columns of a built-in model: gaps filled, numbers scaled, categories spread out; steady when a few rows leave.

What is learnt here from the rows is rounded: medians and centres to a quarter of a scale, scales to a power of two. So
one person more or less seldom moves any of it, and where nothing moved, the rows that stay look to the model as before.
"""

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from secmlops.core.digest import Digest

MAX_CATEGORIES = 50
"""Categories of one feature that get a column of their own, the most frequent first; the others are all zeros."""
_STEPS = 4.0


def steady_columns(table: pa.Table, *, scaled: bool = False) -> ColumnTransformer:
    """Fit the columns of ``table``: float32 with NaN and string with "" where missing."""
    columns = column_transformer(table, scaled=scaled).fit(table)
    numeric = columns.named_transformers_.get("numeric")
    if numeric is not None:
        names = [field.name for field in table.schema if not pa.types.is_string(field.type)]
        values = np.stack([table.column(name).to_numpy() for name in names], axis=1).astype(np.float64)
        _steady(numeric, values)
    return columns


def column_transformer(table: pa.Table, *, scaled: bool = False) -> ColumnTransformer:
    """Columns to be fitted: numbers with the median in their gaps, and the most frequent categories."""
    texts = [f.name for f in table.schema if pa.types.is_string(f.type)]
    numbers = [f.name for f in table.schema if not pa.types.is_string(f.type)]
    steps: list[tuple[str, Any]] = [("impute", SimpleImputer(strategy="median", keep_empty_features=True))]
    if scaled:
        steps.append(("scale", StandardScaler()))
    parts: list[tuple[str, Any, list[str]]] = []
    if numbers:
        parts.append(("numeric", Pipeline(steps), numbers))
    if texts:
        categories = [_frequent(table, name) for name in texts]
        encoder = OneHotEncoder(categories=categories, handle_unknown="ignore", sparse_output=False, dtype=np.float32)
        parts.append(("categorical", encoder, texts))
    return ColumnTransformer(parts)


def digest_of_columns(columns: ColumnTransformer) -> Digest:
    """Digest of all that fitted columns learnt: equal ones make the same numbers of the same row."""
    parts: list[bytes] = []
    numeric = columns.named_transformers_.get("numeric")
    if numeric is not None:
        parts.append(numeric["impute"].statistics_.tobytes())
        if "scale" in numeric.named_steps:
            parts += [numeric["scale"].mean_.tobytes(), numeric["scale"].scale_.tobytes()]
    encoder = columns.named_transformers_.get("categorical")
    if encoder is not None:
        parts += ["\0".join(map(str, values)).encode() for values in encoder.categories_]
    return Digest.of(b"".join(Digest.of(part).raw for part in parts))


def _steady(numeric: Pipeline, values: npt.NDArray[np.float64]) -> None:
    """Round what the pipeline learnt of these values [n, d]."""
    known = np.where(np.isnan(values), numeric["impute"].statistics_, values)
    scales = _scales(known)
    numeric["impute"].statistics_ = _rounded(numeric["impute"].statistics_, scales)
    if "scale" in numeric.named_steps:
        scaler = numeric["scale"]
        scaler.mean_, scaler.scale_, scaler.var_ = _rounded(known.mean(axis=0), scales), scales, scales**2


def _scales(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Standard deviations, each as the nearest power of two; 1 where there is none."""
    spread = values.std(axis=0)
    scales: npt.NDArray[np.float64] = np.where(spread > 0, 2.0 ** np.round(np.log2(np.where(spread > 0, spread, 1))), 1)
    return scales


def _rounded(values: npt.NDArray[np.float64], scales: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    rounded: npt.NDArray[np.float64] = np.round(values / scales * _STEPS) * scales / _STEPS + 0.0  # no minus zero
    return rounded


def _frequent(table: pa.Table, name: str) -> npt.NDArray[np.object_]:
    """The most frequent values of a column, sorted; of equally frequent ones the alphabetically first."""
    counts = Counter(table.column(name).to_pylist())
    ranked = sorted(counts, key=lambda value: (-counts[value], str(value)))
    return np.array(sorted(str(value) for value in ranked[:MAX_CATEGORIES]), dtype=np.object_)
