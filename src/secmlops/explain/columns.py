"""The columns that a model's inner part sees: each a function of one feature, as the preparation in front makes it."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.errors import VerificationError
from secmlops.runtime.signature import FeatureKind, Inputs, Signature

MAX_COLUMNS = 100_000
MAX_CELLS = 4_000_000
"""Of the tables that say what categories stand for, together."""

Finite = Annotated[float, msgspec.Meta(ge=-3.5e38, le=3.5e38)]
Place = Annotated[int, msgspec.Meta(ge=0, lt=MAX_COLUMNS)]
Texts: TypeAlias = npt.NDArray[np.object_]
Rows: TypeAlias = npt.NDArray[np.float32]
Indices: TypeAlias = npt.NDArray[np.intp]


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="number"):
    """A number: ``fill`` where it is missing (None: it stays missing), less ``offset``, times ``factor``.

    ``feature`` counts the numeric features of the signature.
    """

    feature: Place
    fill: Finite | None = None
    offset: Finite = 0.0
    factor: Finite = 1.0


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="category"):
    """A number for each category; ``other`` for any that is not listed. ``feature`` counts the categorical ones."""

    feature: Place
    values: dict[str, Finite]
    other: Finite = 0.0


Column: TypeAlias = Number | Category


class Encoder:
    """Turns inputs into the columns that the model's inner part sees, in float32 as ONNX Runtime reckons."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        numbers = [(place, c) for place, c in enumerate(columns) if isinstance(c, Number)]
        self.places = np.array([place for place, _ in numbers], np.intp)
        self.books = _books(self.columns)
        self._sources = np.array([c.feature for _, c in numbers], np.intp)
        self._fills = np.array([np.nan if c.fill is None else c.fill for _, c in numbers], np.float32)
        self._offsets = np.array([c.offset for _, c in numbers], np.float32)
        self._factors = np.array([c.factor for _, c in numbers], np.float32)
        self._scaled = bool((self._offsets != 0).any() or (self._factors != 1).any())

    def __len__(self) -> int:
        return len(self.columns)

    def encode(self, inputs: Inputs) -> Rows:
        """Columns float32 [n, m] of ``inputs``."""
        rows = np.empty((len(inputs), len(self.columns)), np.float32)
        if len(self.places):
            rows[:, self.places] = self.numbers(inputs)
        for book in self.books:
            rows[:, book.places] = book.table[book.codes(inputs.categorical)]
        return rows

    def numbers(self, inputs: Inputs) -> Rows:
        """Columns that come from numeric features, float32 [n, a]; they stand at ``places`` among all."""
        numbers = inputs.numeric[:, self._sources]
        missing = np.isnan(numbers)
        if missing.any():
            numbers = np.where(missing, self._fills, numbers)
        return (numbers - self._offsets) * self._factors if self._scaled else numbers

    def owners(self, signature: Signature) -> Indices:
        """Index [m] among the signature's features of the one that each column comes from.

        Raises VerificationError when there is no such feature.
        """
        numeric = [i for i, f in enumerate(signature.features) if f.kind is FeatureKind.NUMERIC]
        categorical = [i for i, f in enumerate(signature.features) if f.kind is FeatureKind.CATEGORICAL]
        found = [numeric if isinstance(c, Number) else categorical for c in self.columns]
        if any(c.feature >= len(kind) for c, kind in zip(self.columns, found, strict=True)):
            raise VerificationError("the explainer names a feature that the signature does not have")
        return np.array([kind[c.feature] for c, kind in zip(self.columns, found, strict=True)], np.intp)


class Book:
    """The columns of one categorical feature: what each text stands for in all of them at once.

    ``table`` float32 [texts + 1, columns]: its last row is for texts that are not listed.
    """

    def __init__(self, feature: int, columns: Sequence[tuple[int, Category]]) -> None:
        texts = sorted({text for _, column in columns for text in column.values})
        self._feature = feature
        self._codes = {text: code for code, text in enumerate(texts)}
        self._unknown = len(texts)
        self.places = np.array([place for place, _ in columns], np.intp)
        table = [[c.values.get(text, c.other) for _, c in columns] for text in texts]
        self.table = np.array([*table, [c.other for _, c in columns]], np.float32)

    def codes(self, categorical: Texts) -> list[int]:
        """Row of the table for each row of the inputs."""
        get, unknown = self._codes.get, self._unknown
        return [get(text, unknown) for text in categorical[:, self._feature].tolist()]


def check_columns(columns: Sequence[Column]) -> None:
    """Raise VerificationError for more columns than a model has, or ones whose tables would not fit into memory."""
    if len(columns) > MAX_COLUMNS:
        raise VerificationError(f"the explainer has {len(columns)} columns, more than {MAX_COLUMNS}")
    texts: dict[int, set[str]] = {}
    widths: Counter[int] = Counter()
    for column in columns:
        if isinstance(column, Category):
            texts.setdefault(column.feature, set()).update(column.values)
            widths[column.feature] += 1
    if sum((len(found) + 1) * widths[feature] for feature, found in texts.items()) > MAX_CELLS:
        raise VerificationError("the explainer's categories would fill more memory than a model needs")


def _books(columns: Sequence[Column]) -> tuple[Book, ...]:
    features: dict[int, list[tuple[int, Category]]] = {}
    for place, column in enumerate(columns):
        if isinstance(column, Category):
            features.setdefault(column.feature, []).append((place, column))
    return tuple(Book(feature, found) for feature, found in features.items())
