"""What a table is to be anonymised to: its quasi-identifiers, its sensitive columns, and the privacy models."""

import math
from dataclasses import dataclass
from enum import StrEnum

from secmlops.core.errors import InputError
from secmlops.data.anonymise.hierarchy import Hierarchy
from secmlops.data.anonymise.privacy import Closeness, Ground, Model, Presence

MAX_SUPPRESSED = 0.5


class BuiltIn(StrEnum):
    """A hierarchy that is made from the values of the column."""

    AGE = "age"
    POSTCODE = "postcode"
    DATE = "date"


class Representation(StrEnum):
    """What stands for a class in the released table.

    ``range`` is true of every row: the range of its numbers, the set of its names. ``centre`` is a value of the
    column's own type, made for learning from: the mean of numbers and dates, the most common of names.
    """

    RANGE = "range"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class QuasiIdentifier:
    """A column by which a person could be known. ``weight`` says how dear its detail is, beside the others'.

    Without a hierarchy, numbers and dates are generalised to ranges, names to sets.
    """

    column: str
    hierarchy: Hierarchy | BuiltIn | None = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.weight < math.inf:
            raise InputError("a weight is a number above 0", where=f"quasi-identifier {self.column!r}")


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A column whose values nobody may learn of a person, and the models that see to it."""

    column: str
    models: tuple[Model, ...]
    hierarchy: Hierarchy | None = None

    def __post_init__(self) -> None:
        if any(isinstance(model, Presence) for model in self.models):
            raise InputError("delta-presence is about no sensitive value", where=self.column, hint="use `presence`")
        where = f"sensitive column {self.column!r}"
        grounds = {model.ground for model in self.models if isinstance(model, Closeness)}
        if Ground.HIERARCHICAL in grounds and self.hierarchy is None:
            raise InputError("hierarchical t-closeness needs a hierarchy of the sensitive values", where=where)
        if Ground.ORDERED in grounds and self.hierarchy is not None:
            raise InputError("ordered t-closeness goes by the values' order: leave the hierarchy out", where=where)


@dataclass(frozen=True, slots=True)
class Demand:
    """k-anonymity over ``quasi_identifiers``, and whatever else is asked for.

    ``suppress`` is the share of rows that may be left out, 0 to 0.5. ``presence`` names the column that is true for the
    rows that are in the data set, ``delta`` the bounds of delta-presence for it; the other rows only help. ``label`` is
    what a model learns from the table: quasi-identifiers that tell of it keep more detail, by ``label_weight``, 0 to 1,
    and names that tell the same of it are generalised together. ``sampling`` is the share of the population that the
    table holds, from above 0 to 1; it serves the risks only.
    """

    quasi_identifiers: tuple[QuasiIdentifier, ...]
    k: int
    sensitive: tuple[Sensitive, ...] = ()
    suppress: float = 0.0
    presence: str | None = None
    delta: tuple[float, float] = (0.0, 1.0)
    label: str | None = None
    label_weight: float = 0.25
    sampling: float = 1.0
    representation: Representation = Representation.RANGE

    def __post_init__(self) -> None:
        self._check(bool(self.quasi_identifiers), "no quasi-identifiers", "name the columns by which one may be known")
        self._check(self.k >= 2, f"k is {self.k}", "a whole number from 2 on: 1 protects nobody")
        self._check(0 <= self.suppress <= MAX_SUPPRESSED, f"suppress is {self.suppress}", "a share from 0 to 0.5")
        self._check(0 <= self.label_weight <= 1, f"label_weight is {self.label_weight}", "a share from 0 to 1")
        self._check(0 < self.sampling <= 1, f"sampling is {self.sampling}", "a share above 0, at most 1")
        self._check_roles()

    def _check_roles(self) -> None:
        quasi = [q.column for q in self.quasi_identifiers]
        sensitive = [s.column for s in self.sensitive]
        for names, role in ((quasi, "quasi-identifier"), (sensitive, "sensitive column")):
            self._check(len(set(names)) == len(names), f"a {role} is named twice", "name each once")
        both = sorted(set(quasi) & set(sensitive))
        advice = "a sensitive value is released as it is: name what others may know, or what they must not"
        self._check(not both, f"a column is both quasi-identifier and sensitive: {', '.join(both)}", advice)
        self._check(
            self.label not in quasi, f"the label {self.label!r} is a quasi-identifier", "take it out of the list"
        )
        self._check(
            self.presence not in (*quasi, *sensitive), "the presence column has another role", "use one of its own"
        )

    @staticmethod
    def _check(sound: bool, what: str, hint: str) -> None:
        if not sound:
            raise InputError(what, where="anonymise", hint=hint)
