"""Let skl2onnx convert histogram gradient boosting: it writes truth values where ONNX wants integers.

Newer protobuf libraries refuse these. The converter runs unchanged on a container that turns the one into the other.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from skl2onnx.common._registration import get_converter, register_converter
from skl2onnx.operator_converters import random_forest  # noqa: F401  registers the converters wrapped here

_OPTIONS = {
    "SklearnHistGradientBoostingClassifier": {
        "zipmap": [True, False, "columns"],
        "raw_scores": [True, False],
        "output_class_labels": [False, True],
        "nocl": [True, False],
    },
    "SklearnHistGradientBoostingRegressor": {"raw_scores": [True, False]},
}


class _IntegerContainer:
    """A container of converted nodes whose node attributes hold no truth values."""

    def __init__(self, container: Any) -> None:
        self._container = container

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def add_node(self, *positional: Any, **attributes: Any) -> None:
        """Add a node; lists of truth values become lists of 0 and 1."""
        whole = {name: _integers(value) for name, value in attributes.items()}
        self._container.add_node(*positional, **whole)


@cache
def register() -> None:
    """Replace the converters in this process, once."""
    for name, options in _OPTIONS.items():
        register_converter(name, _with_integers(get_converter(name)), overwrite=True, options=options)


def _with_integers(original: Callable[[Any, Any, Any], None]) -> Callable[[Any, Any, Any], None]:
    def convert(scope: Any, operator: Any, container: Any) -> None:
        original(scope, operator, _IntegerContainer(container))

    return convert


def _integers(value: Any) -> Any:
    if isinstance(value, list) and any(isinstance(v, bool) for v in value):
        return [int(v) for v in value]
    return value
