"""Chooses rows to leave out: those without which the others of their class keep more than is lost with them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from secmlops.data.anonymise.attribute import Attribute
from secmlops.data.anonymise.cells import Integers, count_cells
from secmlops.data.anonymise.privacy import Mask


def outliers(attributes: Sequence[Attribute], classes: Integers, member: Mask, limit: int) -> npt.NDArray[np.intp]:
    """At most ``limit`` rows that are ``member`` [rows], of each class one at most, by what their class gains.

    ``classes`` [rows] from 0. A row left out costs all of what it still tells, and the other rows of its class gain the
    difference of their penalties.
    """
    if not limit:
        return np.empty(0, np.intp)
    sizes = np.bincount(classes)
    gain, penalty = np.zeros(len(classes)), np.zeros(len(sizes))
    for attribute in attributes:
        cells = count_cells(attribute.codes, classes.astype(np.int32), len(sizes), attribute.domain)
        whole = attribute.penalty(cells.lowest, cells.highest, cells.distinct)
        last = np.arange(len(cells.code)) == cells.first[1:][cells.node] - 1
        lowest = np.where(cells.rank > 0, cells.lowest[cells.node], np.roll(cells.code, -1))
        highest = np.where(last, np.roll(cells.code, 1), cells.highest[cells.node])
        left = cells.distinct[cells.node] - 1
        single = np.flatnonzero((cells.count == 1) & (left > 0))
        without = attribute.penalty(lowest[single], highest[single], left[single])
        saved = (whole[cells.node[single]] - without) * (sizes[cells.node[single]] - 1)
        keys = cells.node * attribute.domain + cells.code
        row_keys = classes * attribute.domain + attribute.codes
        rows = np.flatnonzero(np.isin(row_keys, keys[single]))
        gain[rows] += saved[np.searchsorted(keys[single], row_keys[rows])]
        penalty += whole
    worth = (gain - (len(attributes) - penalty)[classes]) / len(attributes)
    order = np.flatnonzero((worth > 0) & member)
    order = order[np.argsort(-worth[order], kind="stable")]
    _, first = np.unique(classes[order], return_index=True)
    return order[np.sort(first)][:limit]
