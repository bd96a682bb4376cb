"""The columns of a private model: all that they know is public or paid for, and no row is asked for its mean."""

from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder

from secmlops.training.private.looks import Found


def bounded_columns(schema: pa.Schema, found: Found) -> ColumnTransformer:
    """Columns that bring numbers from their bounds to -1 and 1 and spread categories out.

    Values beyond a bound count as the bound, gaps as the middle, other categories as none. It is fitted on two made-up
    rows, which hold the bounds.
    """
    texts = [f.name for f in schema if pa.types.is_string(f.type)]
    numbers = [f.name for f in schema if f.name not in texts]
    parts: list[tuple[str, Any, list[str]]] = []
    if numbers:
        scaler = MinMaxScaler(feature_range=(-1, 1), clip=True)
        parts.append(("numeric", Pipeline([("impute", SimpleImputer(strategy="mean")), ("scale", scaler)]), numbers))
    if texts:
        categories = [np.array(sorted(found.categories[name]), object) for name in texts]
        encoder = OneHotEncoder(categories=categories, handle_unknown="ignore", sparse_output=False, dtype=np.float32)
        parts.append(("categorical", encoder, texts))
    made_up = pa.table(
        {
            name: pa.array(found.bounds[name], pa.float32())
            if name in numbers
            else pa.array([min(found.categories[name])] * 2, pa.string())
            for name in schema.names
        }
    )
    return ColumnTransformer(parts).fit(made_up)
