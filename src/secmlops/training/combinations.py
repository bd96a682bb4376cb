"""Which settings of training do not go together: one table of pairs, each with the reason and what to do.

A setting is named as the project file names it. Alone it means that it is given at all, with another value than its
default; ``name: value`` means that value. The file is held against the table when it is read, a job when it is made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import product

import msgspec

_LINEAR = ("training.model: logistic_regression", "training.model: linear_regression")
_NETWORK = "training.model: neural_network"
_TREES = ("training.model: random_forest", "training.model: gradient_boosting")
_CLASSES = ("task: binary_classification", "task: multiclass_classification")
_QUANTITY = "task: regression"


@dataclass(frozen=True, slots=True)
class Rule:
    """None of ``settings`` goes with any of ``others``, but where one of ``unless`` is given too.

    ``why`` says what would go wrong, ``instead`` what to do.
    """

    settings: tuple[str, ...]
    others: tuple[str, ...]
    why: str
    instead: str
    unless: tuple[str, ...] = ()


TABLE = (
    Rule(
        ("training.robust", "training.compress", "training.recalibrate", "training.reweigh"),
        ("training.private",),
        "it looks at the rows beside it, and nobody accounts for that look",
        "drop one of the two",
    ),
    Rule(
        ("training.memory", "training.fractions"),
        ("training.private",),
        "it is another look at the rows, and nobody accounts for it",
        "train again from all rows, and once",
    ),
    Rule(
        ("training.private",),
        ("training.entry",),
        "nobody can tell what code of your own reads off the rows",
        "take logistic_regression, linear_regression or neural_network",
    ),
    Rule(
        ("training.private",),
        _TREES,
        "nobody here can bound what trees read off the rows",
        "take logistic_regression, linear_regression or neural_network",
    ),
    Rule(("training.private.method: gradient_descent",), (_NETWORK,), "it is for linear models", "take sgd"),
    Rule(
        ("training.private.rows_per_person",),
        ("training.private.method: sgd", _NETWORK),
        "sgd hides one row of a person, not several",
        "take a linear model with gradient_descent, or one row each",
    ),
    Rule(
        ("training.recalibrate",),
        ("training.reweigh",),
        "rows that were drawn to be even do not show how often events come",
        "drop one of the two",
    ),
    Rule(
        ("training.recalibrate",),
        ("training.compress",),
        "a model with a map behind it is not compressed yet",
        "drop one of the two",
    ),
    Rule(
        ("training.references",),
        ("training.entry",),
        "code of your own would make the very models that its own is held against, and could make them blind",
        "leave it out: assurance.membership then fits reference models itself",
    ),
    Rule(
        ("training.memory",),
        ("training.entry", "training.robust", "training.recalibrate", "training.reweigh"),
        "what is left of an earlier model is not enough to mend such a one",
        "train it again",
    ),
    Rule(
        ("training.memory",),
        (_LINEAR[1], _TREES[1], _NETWORK),
        "such a model cannot be mended",
        "train it again",
    ),
    Rule(
        ("training.robust", "training.recalibrate", "training.reweigh", "training.references"),
        (_QUANTITY,),
        "it is about classes, and this task predicts quantities",
        "leave it out",
    ),
    Rule((_LINEAR[0],), (_QUANTITY,), "it predicts classes", "for a quantity take linear_regression"),
    Rule((_LINEAR[1],), _CLASSES, "it predicts quantities", "for classes take logistic_regression"),
    Rule(
        ("training.robust.mixup",),
        ("training.robust.budget: 0",),
        "a budget of 0 is plain training, and rows are mixed in robust training alone",
        "give a budget, or leave mixup out",
    ),
    Rule(
        ("training.compress.quantise",),
        _TREES,
        "trees only compare: there is no product of matrices to quantise",
        "prune the trees or their leaves, or distil them with linear first",
        unless=("training.compress.distil: linear",),
    ),
    Rule(
        ("training.compress.quantise",),
        ("training.compress.distil: small_tree", "training.compress.distil: small_boosting"),
        "the student is made of trees, and trees only compare",
        "distil with linear, or leave quantise out",
    ),
    Rule(
        ("training.compress.prune",),
        (*_LINEAR, _NETWORK),
        "there are no trees of which some could go",
        "quantise it, or distil it with small_boosting first",
        unless=("training.compress.distil",),
    ),
    Rule(
        ("training.compress.leaves",),
        (*_LINEAR, _NETWORK),
        "there are no trees that could lose leaves",
        "quantise it, or distil it with small_tree or small_boosting first",
        unless=("training.compress.distil",),
    ),
    Rule(
        ("training.compress.prune",),
        ("training.compress.distil: linear", "training.compress.distil: small_tree"),
        "the student has no trees of which some could go",
        "distil with small_boosting, or leave prune out",
    ),
    Rule(
        ("training.compress.leaves",),
        ("training.compress.distil: linear",),
        "the student has no trees that could lose leaves",
        "distil with small_tree or small_boosting, or leave leaves out",
    ),
)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two settings that are given and do not go together."""

    setting: str
    other: str
    why: str
    instead: str

    @property
    def place(self) -> tuple[str, ...]:
        """Keys from the root of the project file to the first setting."""
        return tuple(self.setting.partition(":")[0].split("."))

    @property
    def what(self) -> str:
        """Both settings and the reason; the value of the first one where it is the value that clashes."""
        value = self.setting.partition(": ")[2]
        return f"{value} does not go with {self.other}: {self.why}".strip()


def clashes(given: frozenset[str]) -> Iterator[Clash]:
    """Yield every pair of the table among the settings that are ``given``."""
    for rule in TABLE:
        for setting, other in product(rule.settings, rule.others):
            if {setting, other} <= given and given.isdisjoint(rule.unless):
                yield Clash(setting, other, rule.why, rule.instead)


def given_settings(task: str, settings: Mapping[str, object]) -> frozenset[str]:
    """Names, and names with values, of the ``settings`` of training that are given, by key, and of the task."""
    named = {f"task: {task}"}
    for key, value in settings.items():
        if value:
            named |= set(_named(f"training.{key}", value))
    return frozenset(named)


def _named(name: str, value: object) -> Iterator[str]:
    yield name
    if isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            inner = getattr(value, field.name)
            if inner != field.default and inner is not None:
                yield from _named(f"{name}.{field.name}", inner)
    elif isinstance(value, Enum):
        yield f"{name}: {value.value}"
    elif isinstance(value, str | int | float):
        yield f"{name}: {value:g}" if isinstance(value, float) else f"{name}: {value}"
