"""The plan by which requests for one model are read: where each feature's value goes, worked out once per signature."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

import numpy as np
import numpy.typing as npt

from secmlops.runtime.signature import (
    CATEGORICAL_INPUT,
    NUMERIC_INPUT,
    Feature,
    FeatureKind,
    Inputs,
    Signature,
    category_of,
)
from secmlops.serving.datatypes import Datatype
from secmlops.serving.oip import output_names

_MAX_PLANS = 64
_NUMBERS = frozenset({float, int, NoneType})
_WHOLE = frozenset({float, int})
_TEXTS = frozenset({str, NoneType})
_NAN, _INFINITE = float("nan"), float("inf")
_FLOAT32 = np.dtype("<f4")


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """``places`` numbers the columns of the model: first its numeric features, then its categorical ones.

    ``usual`` are the data types in which each column nearly always comes. ``blocks`` are the widths of the model's own
    inputs, by their names; empty where a feature bears such a name.
    """

    signature: Signature
    features: Mapping[str, Feature]
    places: Mapping[str, int]
    usual: tuple[tuple[Datatype, ...], ...]
    numeric: int
    blocks: Mapping[str, int]
    outputs: tuple[str, ...]
    pack: struct.Struct
    no_texts: npt.NDArray[np.object_]

    @classmethod
    def of(cls, signature: Signature) -> "Plan":
        """Plan of a signature."""
        numeric, categorical = signature.numeric, signature.categorical
        features = {feature.name: feature for feature in signature.features}
        widths = {NUMERIC_INPUT: len(numeric), CATEGORICAL_INPUT: len(categorical)}
        return cls(
            signature=signature,
            features=features,
            places={feature.name: place for place, feature in enumerate((*numeric, *categorical))},
            usual=((Datatype.FP64, Datatype.FP32),) * len(numeric) + ((Datatype.BYTES,),) * len(categorical),
            numeric=len(numeric),
            blocks={name: width for name, width in widths.items() if width} if not widths.keys() & features else {},
            outputs=output_names(signature),
            pack=struct.Struct(f"<{len(numeric)}f"),
            no_texts=np.empty((1, 0), object),
        )

    def one_row(self, values: Sequence[Any]) -> Inputs | None:
        """Inputs of one row of JSON values in the order of ``places``; None when a value is not of its column's kind.

        The numbers are those of ``Signature.encode``, bit by bit: rounded to float32 once, NaN where there is none.
        """
        numbers = values[: self.numeric]
        kinds = set(map(type, numbers))
        if not kinds <= _WHOLE:
            if not kinds <= _NUMBERS:
                return None
            numbers = [_NAN if number is None else number for number in numbers]
        try:
            packed = bytearray(self.pack.pack(*numbers))
        except (OverflowError, struct.error):
            return None  # it would become infinite
        row: npt.NDArray[np.float32] = np.ndarray((1, self.numeric), _FLOAT32, packed)
        if self.numeric == len(values):
            return Inputs(row, self.no_texts)
        texts = values[self.numeric :]
        if not _TEXTS.issuperset(map(type, texts)):
            return None
        return Inputs(row, np.array([list(map(category_of, texts))], object))

    def raw_row(self, raw: memoryview) -> Inputs | None:
        """Inputs of one row of float32 in little-endian bytes, NaN included; None when a number is infinite."""
        numbers = self.pack.unpack(raw)
        if _INFINITE in numbers or -_INFINITE in numbers:
            return None
        return Inputs(np.ndarray((1, self.numeric), _FLOAT32, bytearray(raw)), self.no_texts)

    def is_numeric(self, name: str) -> bool:
        """Whether ``name`` is a numeric feature."""
        return self.features[name].kind is FeatureKind.NUMERIC


_plans: dict[int, Plan] = {}


def plan_of(signature: Signature) -> Plan:
    """Plan of a signature, made when this very object is first seen and kept with it."""
    plan = _plans.get(id(signature))
    if plan is None or plan.signature is not signature:
        if len(_plans) >= _MAX_PLANS:
            _plans.clear()
        plan = _plans[id(signature)] = Plan.of(signature)
    return plan
