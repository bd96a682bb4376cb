"""Divides rows into train and holdout: by class, seeded, and never one person or one copied row on both sides."""

import numpy as np
import numpy.typing as npt

from secmlops.data.values import factorise

Codes = npt.NDArray[np.int64]


def join_groups(*codings: Codes) -> Codes:
    """Group [n] of each row: rows that share a code in any of the codings are in one group.

    The connected components of the rows, found by spreading the least code until nothing changes.
    """
    groups = codings[0]
    while True:
        spread = groups
        for codes in codings:
            spread = _least_within(codes, spread)
        if np.array_equal(spread, groups):
            return factorise(groups)
        groups = spread


def _least_within(codes: Codes, values: Codes) -> Codes:
    least = np.full(int(codes.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(least, codes, values)
    return least[codes]


def split_rows(
    groups: Codes, strata: Codes, holdout: float, rng: np.random.Generator
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Row numbers of train and holdout, ascending; ``holdout`` is the wished share of each stratum, in (0, 1).

    ``groups`` [n] are kept whole, codes from 0 without gaps. A group counts to the rarest stratum among its rows, so
    that rare classes are shared out first of all. A group larger than the whole holdout of its stratum stays in train.
    """
    sizes = np.bincount(groups)
    stratum = _rarest_stratum(groups, strata)
    order = np.lexsort((rng.random(len(sizes)), stratum))
    totals = np.bincount(stratum, weights=sizes)
    running = np.cumsum(sizes[order])
    first = np.concatenate([[0.0], np.cumsum(totals)])[stratum[order]]
    chosen = running - first <= totals[stratum[order]] * holdout + 0.5
    in_holdout = np.zeros(len(sizes), bool)
    in_holdout[order[chosen]] = True
    held = in_holdout[groups]
    return np.flatnonzero(~held), np.flatnonzero(held)


def _rarest_stratum(groups: Codes, strata: Codes) -> Codes:
    counts = np.bincount(strata)
    by_rarity = np.argsort(np.argsort(counts, kind="stable"), kind="stable")
    ranks = np.full(int(groups.max()) + 1, len(counts))
    np.minimum.at(ranks, groups, by_rarity[strata])
    return ranks.astype(np.int64)
