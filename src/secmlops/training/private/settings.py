"""How a project file asks for private training: the promise, what is public, and how the noise is spent."""

import importlib.util
import math
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from secmlops.core.errors import InputError

Bounds = tuple[float, float]
"""Least and largest value that counts; what lies beyond counts as the bound."""

LEAST_SAMPLED = 0.05
"""Least epsilon that sgd can promise: below, the accountant's own error would be most of it."""
_EXTRA = ("opacus", "torch")
_LINEAR = ("logistic_regression", "linear_regression")
_PUBLIC_HINT = "write down what everybody may know anyway: a code book, a form, a law of nature; never read it off rows"


class Method(StrEnum):
    """How the weights are found."""

    AUTO = "auto"
    GRADIENT_DESCENT = "gradient_descent"
    SGD = "sgd"


class PrivateTraining(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The model is (epsilon, delta)-differentially private: with one row more or less it has nearly the same chances.

    Columns without bounds or categories get them from the rows, with noise, paid from the same epsilon and delta.
    """

    epsilon: Annotated[float, Meta(gt=0, le=100, description="how much the model may tell of one row at most")]
    delta: Annotated[float, Meta(gt=0, lt=1, description="chance of more: far below one by the number of rows")]
    method: Annotated[
        Method, Meta(description="all rows in each step, or a sample of them; auto: all of them for linear models")
    ] = Method.AUTO
    bounds: Annotated[dict[str, Bounds], Meta(description="least and largest value of numeric columns, public")] = {}
    categories: Annotated[
        dict[str, tuple[str, ...]], Meta(description="values of categorical columns, public; others count as none")
    ] = {}
    target_bounds: Annotated[Bounds | None, Meta(description="least and largest value of a quantity, public")] = None
    rows_per_person: Annotated[
        int, Meta(ge=1, le=1000, description="most rows of one person; the noise grows with it")
    ] = 1
    clip_norm: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(description="largest norm of a row, for sgd of a row's gradient; none is by the number of columns"),
    ] = None
    steps: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)] | None, Meta(description="steps; none is 100, for sgd 400")
    ] = None
    sample_rate: Annotated[float, Meta(gt=0, le=0.5, description="chance of a row to be in a step, for sgd")] = 0.05
    preprocessing: Annotated[
        float, Meta(gt=0, le=0.5, description="share of the squared privacy parameter that finding bounds may take")
    ] = 0.2

    def resolved(self, model: str) -> Method:
        """The method that ``auto`` stands for."""
        if self.method is not Method.AUTO:
            return self.method
        return Method.GRADIENT_DESCENT if model in _LINEAR else Method.SGD

    def missing(self, model: str) -> str:
        """What is to be installed before ``model`` can be trained so, or the empty text; nothing is imported."""
        absent = [name for name in _EXTRA if importlib.util.find_spec(name) is None]
        if self.resolved(model) is not Method.SGD or not absent:
            return ""
        told = f"sgd needs {' and '.join(absent)}, which this Python does not have"
        return f'{told}: pip install "secmlops[private]", or take a linear model with gradient_descent'

    def check(self, model: str) -> None:
        """Raise InputError where numbers contradict; which ``model`` can be trained so, ``combinations`` say."""
        if self.resolved(model) is Method.SGD and self.epsilon < LEAST_SAMPLED:
            raise InputError(
                f"the accountant of sgd is not exact enough for an epsilon below {LEAST_SAMPLED}",
                hint="take a linear model with gradient_descent, or a larger epsilon",
            )
        given = {**self.bounds, **({} if self.target_bounds is None else {"target_bounds": self.target_bounds})}
        for name, (low, high) in given.items():
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise InputError(f"the bounds of {name} are not two rising numbers", hint="for example [0, 100]")
        for name, values in self.categories.items():
            if not values or len(set(values)) < len(values):
                raise InputError(f"the categories of {name} are none, or one is named twice", hint=_PUBLIC_HINT)

    def check_columns(self, numeric: Iterable[str], categorical: Iterable[str]) -> None:
        """Raise InputError for bounds or categories of a column that the model does not get."""
        for said, names, known in (
            ("bounds", self.bounds, tuple(numeric)),
            ("categories", self.categories, tuple(categorical)),
        ):
            unknown = sorted(set(names) - set(known))
            if unknown:
                raise InputError(
                    f"{said} are given of {', '.join(unknown[:5])}, which the model does not get as such a column",
                    where=f"training.private.{said}",
                    hint=f"such columns: {', '.join(known[:20]) or 'none'}",
                )

    def check_rows(self, rows_of_a_person: int) -> None:
        """Raise InputError where somebody has more rows than are hidden together."""
        if rows_of_a_person > self.rows_per_person:
            raise InputError(
                f"somebody has more than {self.rows_per_person} rows of their own, and no more are hidden together",
                where="training.private.rows_per_person",
                hint="raise it, for as much more noise; or give a table with fewer rows of each person",
            )
