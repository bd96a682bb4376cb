"""Sorts the values of one feature into at most 64 bins, learnt from training rows and applied to others."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.data.values import codes
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Feature, Signature

MAX_BINS = 64
FEW_VALUES = 12


@dataclass(frozen=True, slots=True)
class Binned:
    """Bin of each row on both sides; ``few`` when there are at most twelve values, each in a bin of its own."""

    feature: Feature
    train: npt.NDArray[np.int64]
    holdout: npt.NDArray[np.int64]
    few: bool


def binned_features(signature: Signature, train: Examples, holdout: Examples) -> list[Binned]:
    """Bins of all features, the numeric ones first. Missing values have a bin, each category is one."""
    numeric = [
        _numbers(feature, train.inputs.numeric[:, place], holdout.inputs.numeric[:, place])
        for place, feature in enumerate(signature.numeric)
    ]
    categorical = [
        _texts(feature, train.inputs.categorical[:, place], holdout.inputs.categorical[:, place])
        for place, feature in enumerate(signature.categorical)
    ]
    return [*numeric, *categorical]


def _numbers(feature: Feature, train: npt.NDArray[np.float32], holdout: npt.NDArray[np.float32]) -> Binned:
    known = train[~np.isnan(train)]
    starts = np.unique(known)
    few = len(starts) <= FEW_VALUES
    if len(starts) > MAX_BINS:
        starts = np.unique(np.quantile(known, np.linspace(0, 1, MAX_BINS + 1)[:-1]))

    def places(values: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        found = np.searchsorted(starts, values, side="right")
        return np.where(np.isnan(values), len(starts) + 1, found).astype(np.int64)

    return Binned(feature, places(train), places(holdout), few)


def _texts(feature: Feature, train: npt.NDArray[np.object_], holdout: npt.NDArray[np.object_]) -> Binned:
    coded = codes(pa.chunked_array([pa.array(np.concatenate([train, holdout]), pa.string())]))
    known = coded[: len(train)]
    return Binned(feature, known, coded[len(train) :], int(known.max()) < FEW_VALUES)
