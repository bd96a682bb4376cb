"""The distribution of the features of a table, kept to measure later how far other rows have moved away from it."""

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs, Signature

BINS = 10
MAX_CATEGORIES = 50
LEAST_ROWS = 10

Shares = npt.NDArray[np.float64]


class FeatureDistribution(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of rows by bin: of values missing, then of each bin or category, last of all other categories.

    ``starts`` are the lower ends of the second and following bins of a number: the values themselves where there are at
    most ten, otherwise deciles of the rows it was learnt from, fewer where they coincide. ``categories`` are the most
    frequent texts of a feature that is not ``numeric``, sorted.
    """

    name: str
    numeric: bool
    counts: tuple[int, ...]
    starts: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """The features in the order of their signature."""

    features: tuple[FeatureDistribution, ...]

    def to_json(self) -> bytes:
        """Serialise as JSON; ``from_json`` reads it back equal."""
        return msgspec.json.encode(self, order="deterministic")

    @classmethod
    def from_json(cls, data: bytes | str) -> "Distribution":
        """Read what ``to_json`` wrote; raises InputError otherwise."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise InputError(f"not a distribution: {error}", hint="use the product of data.skew") from None


def distribution_of(signature: Signature, inputs: Inputs) -> Distribution:
    """Learn bins and categories from ``inputs``, and count its rows."""
    numeric = [_learnt_numbers(f.name, inputs.numeric[:, i]) for i, f in enumerate(signature.numeric)]
    categorical = [_learnt_texts(f.name, inputs.categorical[:, i]) for i, f in enumerate(signature.categorical)]
    return Distribution(features=(*numeric, *categorical))


def recounted(
    learnt: FeatureDistribution, values: npt.NDArray[np.float32] | npt.NDArray[np.object_]
) -> tuple[int, ...]:
    """Count other rows [n] of the same feature in the bins that were learnt."""
    if learnt.numeric:
        places = np.searchsorted(np.array(learnt.starts), values, side="right") + 1
        bins = np.where(np.isnan(values), 0, places)
    else:
        known = {text: place + 1 for place, text in enumerate(learnt.categories)}
        bins = np.array([known.get(text, 0 if text == "" else len(known) + 1) for text in values.tolist()], np.int64)
    return tuple(np.bincount(bins.astype(np.int64), minlength=len(learnt.counts)).tolist())


def _learnt_numbers(name: str, values: npt.NDArray[np.float32]) -> FeatureDistribution:
    levels = np.unique(values[np.isfinite(values)])
    starts = levels[1:]
    if len(levels) > BINS:
        starts = np.unique(
            np.quantile(values[np.isfinite(values)], np.linspace(0, 1, BINS + 1)[1:-1], method="nearest")
        )
        starts = starts[starts > levels[0]]
    empty = FeatureDistribution(name=name, numeric=True, counts=(0,) * (len(starts) + 2), starts=tuple(starts.tolist()))
    return msgspec.structs.replace(empty, counts=recounted(empty, values))


def _learnt_texts(name: str, values: npt.NDArray[np.object_]) -> FeatureDistribution:
    texts, counts = np.unique(values[values != ""].astype(str), return_counts=True)
    frequent = np.argsort(-counts, kind="stable")[:MAX_CATEGORIES]
    categories = tuple(sorted(texts[frequent[counts[frequent] >= LEAST_ROWS]].tolist()))
    empty = FeatureDistribution(name=name, numeric=False, counts=(0,) * (len(categories) + 2), categories=categories)
    return msgspec.structs.replace(empty, counts=recounted(empty, values))
