"""Inputs against the signed profile of the model: ranges, categories and missing values, each by its own policy."""

from enum import StrEnum
from operator import ge, le
from typing import Annotated

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from secmlops.core.errors import InputError
from secmlops.runtime.signature import MISSING_CATEGORY, Feature, FeatureKind, Inputs, Signature

Numbers = npt.NDArray[np.float32]
MAX_FLAGS = 20


class Deviation(StrEnum):
    """What is done with a value that the training data never showed."""

    REFUSE = "refuse"
    CLIP = "clip"
    FLAG = "flag"
    IGNORE = "ignore"


class FeaturePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Policy of one feature; what is not said is as for all."""

    range: Annotated[Deviation | None, Meta(description="a number outside the range of the training data")] = None
    category: Annotated[Deviation | None, Meta(description="a category the training data did not have")] = None
    missing: Annotated[Deviation | None, Meta(description="a missing value where none was in training")] = None


class ValidationSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done with values outside the signed profile. A category cannot be clipped, a missing value neither."""

    range: Annotated[Deviation, Meta(description="a number outside the range of the training data")] = Deviation.FLAG
    category: Annotated[Deviation, Meta(description="a category the training data did not have")] = Deviation.FLAG
    missing: Annotated[Deviation, Meta(description="a missing value where none was in training")] = Deviation.FLAG
    features: Annotated[dict[str, FeaturePolicy], Meta(description="per feature, where it differs")] = {}


class Validator:
    """Checks rows against a signature. Raises InputError for settings that name no feature or cannot be carried out."""

    def __init__(self, signature: Signature, settings: ValidationSettings) -> None:
        unknown = settings.features.keys() - {feature.name for feature in signature.features}
        if unknown:
            what = f"the model has no feature {min(unknown)!r}"
            raise InputError(what, where="serving.validation.features", hint="those of its signature")
        self._numbers = _Numbers(signature.numeric, settings)
        self._texts = [_Text(place, feature, settings) for place, feature in enumerate(signature.categorical)]

    def check(self, inputs: Inputs) -> tuple[Inputs, tuple[str, ...]]:
        """Inputs as they go to the model, and what was unusual about them: ``range:age``, ``category:purpose``.

        Raises InputError, which names the feature and quotes no value, where the policy is to refuse.
        """
        numeric, unusual = self._numbers.check(inputs.numeric)
        if self._texts:
            for text in self._texts:
                unusual += text.check(inputs.categorical)
        if numeric is not inputs.numeric:
            inputs = Inputs(numeric, inputs.categorical)
        return inputs, tuple(unusual[:MAX_FLAGS])


class _Numbers:
    """All numeric features at once: two comparisons tell whether anything is unusual, and only then is it named."""

    def __init__(self, features: tuple[Feature, ...], settings: ValidationSettings) -> None:
        self._features = features
        self._ranges = [_policy(settings, feature, "range") for feature in features]
        self._missing = [_policy(settings, feature, "missing") for feature in features]
        low = [-np.inf if f.minimum is None or p is Deviation.IGNORE else f.minimum for f, p in self._pairs]
        high = [np.inf if f.maximum is None or p is Deviation.IGNORE else f.maximum for f, p in self._pairs]
        self._low, self._high = np.array(low, np.float32), np.array(high, np.float32)
        self._lows, self._highs = self._low.tolist(), self._high.tolist()
        for feature, policy in zip(features, self._missing, strict=True):
            if policy is Deviation.CLIP:
                raise InputError("a missing value cannot be clipped", where=f"serving.validation: {feature.name}")

    @property
    def _pairs(self) -> list[tuple[Feature, Deviation]]:
        return list(zip(self._features, self._ranges, strict=True))

    def check(self, rows: Numbers) -> tuple[Numbers, list[str]]:
        if len(rows) == 1:  # for a single row the comparisons of Python are the quicker ones
            (values,) = rows.tolist()
            if all(map(ge, values, self._lows)) and all(map(le, values, self._highs)):
                return rows, []
        within = (rows >= self._low) & (rows <= self._high)
        if within.all():
            return rows, []
        unusual: list[str] = []
        clipped = rows
        for place in np.flatnonzero(~within.all(axis=0)):
            feature, column = self._features[place], rows[:, place]
            missing = np.isnan(column)
            if missing.any() and not feature.nullable:
                unusual += _applied(self._missing[place], "missing", feature)
            if (~within[:, place] & ~missing).any():
                unusual += _applied(self._ranges[place], "range", feature)
                if self._ranges[place] is Deviation.CLIP:
                    clipped = rows.copy() if clipped is rows else clipped
                    clipped[:, place] = np.clip(column, self._low[place], self._high[place])
        return clipped, unusual


class _Text:
    """One categorical feature."""

    def __init__(self, place: int, feature: Feature, settings: ValidationSettings) -> None:
        self._place = place
        self._feature = feature
        self._category = _policy(settings, feature, "category")
        self._missing = _policy(settings, feature, "missing")
        self._known = frozenset((*feature.categories, MISSING_CATEGORY))
        self._any = feature.open_ended or self._category is Deviation.IGNORE
        if Deviation.CLIP in (self._category, self._missing):
            raise InputError("a category cannot be clipped", where=f"serving.validation: {feature.name}")

    def check(self, categorical: npt.NDArray[np.object_]) -> list[str]:
        values = set(categorical[:, self._place].tolist())
        unusual: list[str] = []
        if MISSING_CATEGORY in values and not self._feature.nullable:
            unusual += _applied(self._missing, "missing", self._feature)
        if not self._any and not values <= self._known:
            unusual += _applied(self._category, "category", self._feature)
        return unusual


def _policy(settings: ValidationSettings, feature: Feature, kind: str) -> Deviation:
    own = settings.features.get(feature.name)
    chosen: Deviation | None = getattr(own, kind) if own else None
    fallback: Deviation = getattr(settings, kind)
    return fallback if chosen is None else chosen


def _applied(policy: Deviation, kind: str, feature: Feature) -> list[str]:
    """Return the flag, where there is to be one; raises InputError where the policy is to refuse."""
    if policy is Deviation.REFUSE:
        what = {"range": "a number outside its range", "category": "an unknown category", "missing": "a missing value"}
        raise InputError(what[kind], where=f"feature {feature.name}", hint=_expected(feature))
    return [] if policy is Deviation.IGNORE else [f"{kind}:{feature.name}"]


def _expected(feature: Feature) -> str:
    if feature.kind is FeatureKind.NUMERIC and feature.minimum is not None:
        return f"from {feature.minimum:g} to {feature.maximum:g}"
    return ""
