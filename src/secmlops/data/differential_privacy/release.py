"""The released table: noisy counts and means of each group, with how far they may be off."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.data.arrow import Values
from secmlops.data.differential_privacy.mechanism import Noise, noise_for, noise_for_keys
from secmlops.data.differential_privacy.query import Mean, Query
from secmlops.data.differential_privacy.tallies import STEPS, Key, Tally

Numbers = npt.NDArray[np.float64]

ALPHA = 0.05
"""The true value of a cell lies further away than its half-width with at most this chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Released:
    """What may be shown to anybody.

    ``table``: the columns of the groups as text, ``count``, ``count_half_width``, and for each mean ``X_mean`` and
    ``X_mean_half_width``. Counts below ``threshold`` are not told; 0 where all groups are public.
    """

    table: pa.Table = field(repr=False)
    threshold: int


@dataclass(frozen=True, slots=True)
class Mechanisms:
    """The noise of a query, made before anything is spent: what cannot be had is told while it costs nothing."""

    counts: Noise
    sums: Noise | None

    @classmethod
    def of(cls, query: Query) -> "Mechanisms":
        """Noise for a query: epsilon in equal parts for the counts and each mean, delta for finding the groups."""
        share = float(np.nextafter(query.loss.epsilon / (1 + len(query.means)), 0))
        rows = query.rows_per_person
        counts = noise_for(rows, share) if query.public else noise_for_keys(rows, share, query.loss.delta)
        return cls(counts, noise_for(rows * STEPS, share) if query.means else None)


def release(exact: Mapping[Key, Tally], query: Query, mechanisms: Mechanisms) -> Released:
    """Draw the noise. The same groups are asked about for every mean: those whose count is told."""
    groups = sorted(exact, key=lambda key: tuple(part or "" for part in key))
    noisy = _counts(groups, exact, query, mechanisms.counts)
    told = [group for group in groups if group in noisy]
    counts = np.array([noisy[group] for group in told], np.int64)
    columns: list[Values] = [pa.array([group[i] for group in told], pa.string()) for i in range(len(query.group_by))]
    columns += [pa.array(counts), pa.array(np.full(len(told), mechanisms.counts.half_width(ALPHA)), pa.int64())]
    for i, mean in enumerate(query.means):
        sums = mechanisms.sums
        drawn = sums.add([exact[group].sums[i] for group in told]) if sums else []
        within = sums.half_width(ALPHA / 2) if sums else 0
        values, widths = _mean(mean, np.array(drawn, float), counts, (within, mechanisms.counts.half_width(ALPHA / 2)))
        columns += [pa.array(values, from_pandas=True), pa.array(widths)]
    return Released(pa.table(columns, names=query.result_columns), mechanisms.counts.threshold)


def _counts(groups: list[Key], exact: Mapping[Key, Tally], query: Query, noise: Noise) -> Mapping[Key, int]:
    if query.public:
        return dict(zip(groups, noise.add([exact[group].count for group in groups]), strict=True))
    found = noise.found({str(place): exact[group].count for place, group in enumerate(groups)})
    return {groups[int(place)]: count for place, count in found.items()}


def _mean(mean: Mean, sums: Numbers, counts: npt.NDArray[np.int64], within: tuple[int, int]) -> tuple[Numbers, Numbers]:
    """Means [g] within their bounds, NaN where nobody was counted, and half-widths [g].

    With the sum off by a and the count n by b, sum/n is off by (a + |sum/n| b) / (n - b) at most; both hold at once but
    for the sum of their chances.
    """
    off_sum, off_count = within
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
        width = (off_sum + np.abs(np.nan_to_num(ratio)) * off_count) / np.maximum(counts - off_count, 1)
    ratio = np.clip(ratio, -STEPS, STEPS)
    width = np.where(counts - off_count >= 1, np.minimum(width, 2 * STEPS), 2 * STEPS)
    return mean.middle + ratio / STEPS * mean.reach, width / STEPS * mean.reach
