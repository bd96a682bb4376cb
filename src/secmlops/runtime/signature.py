"""The signature of a model: which features it takes, in what order and range, and what it answers.

Every model of a project has the same two ONNX inputs, whichever library made it: ``numeric``, float32 [n, p], and
``categorical``, string [n, q]; one of them is left out when it would have no columns. Missing numbers are NaN, missing
categories the empty string. A classifier answers ``probabilities``, float32 [n, k]; a regressor ``prediction``,
float32 [n, 1].
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.core.task import Task

NUMERIC_INPUT = "numeric"
CATEGORICAL_INPUT = "categorical"
PROBABILITIES_OUTPUT = "probabilities"
PREDICTION_OUTPUT = "prediction"
MISSING_CATEGORY = ""
MISSING_SPELLINGS = ("", "NA", "N/A", "n/a", "<NA>", "#N/A", "NaN", "nan", "-nan", "NAN", "null", "NULL")
"""How tables write that a value is missing, after spaces around it are taken away."""
_MISSING = frozenset(MISSING_SPELLINGS)


Column: TypeAlias = Sequence[object] | npt.NDArray[Any]


def category_of(text: str | None) -> str:
    """Category that a text names, alike in the table that was learned from and in a request.

    Spaces around it mean nothing; None and what spells a missing value are ``MISSING_CATEGORY``.
    """
    if text is None:
        return MISSING_CATEGORY
    trimmed = text.strip()
    return MISSING_CATEGORY if trimmed in _MISSING else trimmed


class FeatureKind(StrEnum):
    """How a feature is measured."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One input column: its range or its categories as the training data showed them.

    ``minimum`` and ``maximum`` are set for numeric features with at least one value; ``categories`` are sorted,
    without the missing one, and ``open_ended`` says that more were seen than are listed. ``nullable``: missing values
    were seen.
    """

    name: str
    kind: FeatureKind
    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False
    categories: tuple[str, ...] = ()
    open_ended: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """Rows ready for a model: ``numeric`` float32 [n, p] and ``categorical`` object (str) [n, q], the same n."""

    numeric: npt.NDArray[np.float32]
    categorical: npt.NDArray[np.object_]

    def __post_init__(self) -> None:
        if self.numeric.ndim != 2 or self.categorical.ndim != 2 or len(self.numeric) != len(self.categorical):
            shapes = f"{self.numeric.shape} and {self.categorical.shape}"
            raise InputError(f"numeric and categorical inputs do not fit together: {shapes}")

    def __len__(self) -> int:
        return len(self.numeric)

    def take(self, rows: npt.NDArray[np.intp] | slice) -> "Inputs":
        """Return the given rows."""
        return Inputs(self.numeric[rows], self.categorical[rows])


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """What a model takes and gives. ``classes`` are the labels in the order of the probabilities, empty for regression.

    For binary classification the second class is the event.
    """

    task: Task
    features: tuple[Feature, ...]
    classes: tuple[str, ...] = ()

    @property
    def numeric(self) -> tuple[Feature, ...]:
        """The numeric features, in input order."""
        return tuple(f for f in self.features if f.kind is FeatureKind.NUMERIC)

    @property
    def categorical(self) -> tuple[Feature, ...]:
        """The categorical features, in input order."""
        return tuple(f for f in self.features if f.kind is FeatureKind.CATEGORICAL)

    def encode(self, columns: Mapping[str, Column]) -> Inputs:
        """Inputs of the rows given column by column.

        Numbers are None or NaN where missing, texts None. Raises InputError when a column is missing, its length
        differs, or a value is not of the feature's kind. Ranges and categories are not enforced here: that is a policy
        of whoever serves the model.
        """
        numeric = [_numbers(f.name, columns) for f in self.numeric]
        categorical = [_texts(f.name, columns) for f in self.categorical]
        lengths = {len(c) for c in (*numeric, *categorical)}
        if len(lengths) != 1:
            raise InputError(f"the features have different numbers of rows: {sorted(lengths)}")
        rows = lengths.pop()
        return Inputs(
            np.stack(numeric, axis=1) if numeric else np.empty((rows, 0), np.float32),
            np.stack(categorical, axis=1) if categorical else np.empty((rows, 0), object),
        )

    def to_json(self) -> bytes:
        """Serialise as JSON, for a profile that is signed."""
        return msgspec.json.encode(self, order="deterministic")

    @classmethod
    def from_json(cls, data: bytes) -> "Signature":
        """Read what ``to_json`` wrote; raises InputError otherwise."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise InputError(f"not a model signature: {error}") from None


def _column(name: str, columns: Mapping[str, Column]) -> Column:
    try:
        return columns[name]
    except KeyError:
        raise InputError(f"feature {name} is missing", hint=f"given: {', '.join(sorted(columns)[:20])}") from None


def _numbers(name: str, columns: Mapping[str, Column]) -> npt.NDArray[np.float32]:
    values = _column(name, columns)
    if isinstance(values, np.ndarray):
        if values.dtype.kind not in "iufb":
            raise InputError(f"feature {name} takes numbers, not {values.dtype}")
        with np.errstate(over="ignore"):
            return values.astype(np.float32)
    for value in values:
        if value is not None and not isinstance(value, int | float):
            raise InputError(f"feature {name} takes numbers, not {type(value).__name__}")
    try:
        with np.errstate(over="ignore"):
            return np.array([np.nan if v is None else v for v in values], np.float64).astype(np.float32)
    except OverflowError:
        raise InputError(f"feature {name} has a number too large to store") from None


def _texts(name: str, columns: Mapping[str, Column]) -> npt.NDArray[np.object_]:
    values = _column(name, columns)
    texts = np.empty(len(values), object)
    for row, value in enumerate(values):
        if value is not None and not isinstance(value, str):
            raise InputError(f"feature {name} takes text, not {type(value).__name__}")
        texts[row] = category_of(value)
    return texts
