"""Divides rows into train and holdout by their own keys: never one person or one copied row on both sides.

Each group of rows is drawn by the least key of its rows. So when a person leaves the table, the others stay on the
sides where they were. The price is that shares are met on average: of n rows of a class about holdout x n are held out,
give or take sqrt(holdout x (1 - holdout) x n), which is how a simple random sample scatters.
"""

import numpy as np
import numpy.typing as npt

from secmlops.data.values import factorise
from secmlops.runtime.row_keys import Keys, drawn

METHOD = "by the keys of rows"
"""Name of this way to divide rows: evidence made of rows that were divided in another way holds no more."""
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
    groups: Codes, strata: Codes, keys: Keys, holdout: float, seed: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Row numbers of train and holdout, ascending; ``holdout`` is the expected share of the groups, in (0, 1).

    ``groups`` [n] are kept whole, codes from 0 without gaps. A group counts to the rarest stratum among its rows; a
    stratum of two groups or more has one on each side. A group larger than the whole holdout of its stratum stays in
    train.
    """
    sizes = np.bincount(groups)
    stratum = _rarest_stratum(groups, strata)
    totals = np.bincount(stratum, weights=sizes)
    numbers = drawn(_least_keys(groups, keys), seed)
    numbers[sizes > totals[stratum] * holdout + 0.5] = 1.0
    in_holdout = numbers < holdout
    order = np.lexsort((numbers, stratum))
    ends = np.cumsum(np.bincount(stratum)) - 1
    firsts = np.concatenate([[0], ends[:-1] + 1])
    inhabited = firsts <= ends
    in_holdout[order[firsts[inhabited]]] |= numbers[order[firsts[inhabited]]] < 1.0
    in_holdout[order[ends[inhabited]]] = False
    held = in_holdout[groups]
    return np.flatnonzero(~held), np.flatnonzero(held)


def _least_keys(groups: Codes, keys: Keys) -> Keys:
    least = np.full(int(groups.max()) + 1, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(least, groups, keys)
    return least


def _rarest_stratum(groups: Codes, strata: Codes) -> Codes:
    counts = np.bincount(strata)
    by_rarity = np.argsort(np.argsort(counts, kind="stable"), kind="stable")
    ranks = np.full(int(groups.max()) + 1, len(counts))
    np.minimum.at(ranks, groups, by_rarity[strata])
    return ranks.astype(np.int64)
