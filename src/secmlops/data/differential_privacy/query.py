"""What is asked of a table: groups, means with the bounds of their values, and how much a person may weigh."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

import pyarrow as pa

from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.data.values import ColumnType, type_of

MIN_EPSILON = 1e-6
MAX_CELLS = 1_000_000
MAX_ROWS_PER_PERSON = 1_000


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean of a column whose values are clamped to ``low`` and ``high``, which are known without looking at the data.

    Raises InputError unless both are finite and low is below high.
    """

    column: str
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            hint = "write COLUMN:LOW:HIGH, bounds that are known without looking at the data"
            raise InputError(f"{self.low:g} to {self.high:g} are no bounds", where=self.column, hint=hint)

    @property
    def middle(self) -> float:
        """Halfway between the bounds."""
        return self.low + (self.high - self.low) / 2

    @property
    def reach(self) -> float:
        """How far a clamped value is from the middle at most."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Query:
    """Counts by ``group_by``, and ``means``; ``keys`` are the values of a column that are public, by column.

    One person weighs at most ``rows_per_person`` rows. Raises InputError for what contradicts itself.
    """

    loss: PrivacyLoss
    group_by: tuple[str, ...] = ()
    means: tuple[Mean, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows_per_person: int = 1

    def __post_init__(self) -> None:
        if self.loss.epsilon < MIN_EPSILON:
            hint = f"for example --epsilon 0.5; at least {MIN_EPSILON:g}"
            raise InputError(f"epsilon is {self.loss.epsilon:g}: nothing but noise would be released", hint=hint)
        if not 1 <= self.rows_per_person <= MAX_ROWS_PER_PERSON:
            raise InputError(f"{self.rows_per_person} rows of a person", hint=f"from 1 to {MAX_ROWS_PER_PERSON}")
        names = self.result_columns
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"two columns of the result would be named {twice!r}", hint="name a column once")
        self._check_keys()

    def _check_keys(self) -> None:
        for column, values in self.keys.items():
            if column not in self.group_by:
                raise InputError(f"{column!r} is no column of --group-by", where="--keys")
            if not values or len(set(values)) < len(values):
                raise InputError("no value, or one of them twice", where=f"--keys {column}")
        if self.public and self.loss.delta:
            hint = "leave delta away: no group has to be found, so pure epsilon is enough"
            raise InputError("every group is public, and delta would be spent for nothing", hint=hint)
        if not self.public and not self.loss.delta:
            hint = "give --delta, such as 1e-9, to find the groups; or name their values with --keys"
            raise InputError("which groups there are is not public", where=", ".join(self.hidden), hint=hint)
        if math.prod(len(values) for values in self.keys.values()) > MAX_CELLS:
            raise InputError(f"more than {MAX_CELLS:,} groups", where="--keys")

    @property
    def hidden(self) -> tuple[str, ...]:
        """Columns of ``group_by`` whose values are not public."""
        return tuple(column for column in self.group_by if column not in self.keys)

    @property
    def public(self) -> bool:
        """Whether all groups are known without looking at the data."""
        return not self.hidden

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Every public group, by column of ``group_by``; one group without columns."""
        return tuple(product(*(self.keys[column] for column in self.group_by))) if self.public else ()

    @property
    def result_columns(self) -> list[str]:
        """Columns of the table that is released."""
        told = ["count", *(f"{mean.column}_mean" for mean in self.means)]
        return [*self.group_by, *(name for one in told for name in (one, f"{one}_half_width"))]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are told something about."""
        return tuple(dict.fromkeys((*self.group_by, *(mean.column for mean in self.means))))

    def check(self, table: pa.Table, name: str) -> None:
        """Raise InputError when a column is not there, or a mean is asked of one that holds no numbers."""
        for column in self.columns:
            if column not in table.column_names:
                hint = f"columns: {', '.join(table.column_names[:20])}"
                raise InputError(f"there is no column {column!r}", where=name, hint=hint)
        for mean in self.means:
            if type_of(table[mean.column]) not in (ColumnType.BOOLEAN, ColumnType.INTEGER, ColumnType.NUMBER):
                raise InputError("a mean of what are no numbers", where=f"{name}, column {mean.column!r}")

    def to_json(self) -> dict[str, Json]:
        """Everything that was asked."""
        return {
            "group_by": list(self.group_by),
            "keys": {column: list(values) for column, values in self.keys.items()},
            "means": [{"column": m.column, "low": m.low, "high": m.high} for m in self.means],
            "rows_per_person": self.rows_per_person,
            "epsilon": self.loss.epsilon,
            "delta": self.loss.delta,
        }
