"""A condition on one number, as a project file writes it: ``>= 0.74``."""

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
_FORM = re.compile(r"\s*(>=|<=|==|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison with a bound. A value that is not finite never meets it."""

    operator: str
    bound: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``<operator> <number>``; raises InputError with the allowed forms."""
        found = _FORM.fullmatch(text)
        if not found:
            raise InputError(
                f"{text!r} is not a condition", hint='write for example ">= 0.74"; operators: >= <= > < =='
            )
        bound = float(found[2])
        if not math.isfinite(bound):
            raise InputError(f"the bound of {text!r} is not a finite number")
        return cls(found[1], bound)

    def met_by(self, value: float) -> bool:
        """Whether ``value`` meets the condition."""
        return math.isfinite(value) and OPERATORS[self.operator](value, self.bound)

    def __str__(self) -> str:
        return f"{self.operator} {self.bound:g}"
