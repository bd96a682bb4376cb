"""A condition on one number, as a project file writes it: ``>= 0.74``, or ``>= 0.6 at 0.1`` on a point of a curve."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from secmlops.core.errors import InputError

OPERATORS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "==": operator.eq}
)
_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_FORM = re.compile(rf"\s*(>=|<=|==|>|<)\s*{_NUMBER}(?:\s+at\s+{_NUMBER})?\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison with a bound, perhaps of a curve ``at`` one point. A value that is not finite never meets it."""

    operator: str
    bound: float
    at: float | None = None

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise InputError(f"{self.operator!r} is no comparison", hint=f"operators: {' '.join(OPERATORS)}")
        if not math.isfinite(self.bound) or not math.isfinite(self.at or 0.0):
            raise InputError("the bound of a condition is not a finite number")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``<operator> <number>`` or ``<operator> <number> at <number>``; raises InputError with the forms."""
        found = _FORM.fullmatch(text)
        if not found:
            raise InputError(
                f"{text!r} is not a condition", hint='write for example ">= 0.74"; operators: >= <= > < =='
            )
        return cls(found[1], float(found[2]), float(found[3]) if found[3] else None)

    def met_by(self, value: float) -> bool:
        """Whether ``value`` meets the condition."""
        return math.isfinite(value) and OPERATORS[self.operator](value, self.bound)

    def measure(self, name: str) -> str:
        """Name of the measure that the condition is on, where ``name`` is that of the curve or of a single number."""
        return name if self.at is None else f"{name}_at_{self.at:g}"

    def __str__(self) -> str:
        short = f"{self.bound:g}"
        return f"{self.operator} {short if float(short) == self.bound else repr(self.bound)}"
