"""Measures what anonymisation cost: the measures of information loss that the field uses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from secmlops.data.anonymise.attribute import Attribute
from secmlops.data.anonymise.cells import Integers, count_cells
from secmlops.data.anonymise.privacy import Mask


@dataclass(frozen=True, slots=True)
class Loss:
    """What was lost; ``by_column`` is the mean normalised certainty penalty of each quasi-identifier, 0 to 1.

    ``penalty`` is their mean (generalised certainty penalty; Ghinita et al., VLDB 2007), in which every suppressed row
    counts 1. ``discernibility`` sums the squared class sizes and, for each suppressed row, all rows (Bayardo and
    Agrawal, ICDE 2005). ``average_class`` is the mean class size divided by k (LeFevre et al., ICDE 2006): 1 is best.
    """

    penalty: float
    by_column: dict[str, float]
    discernibility: float
    average_class: float
    suppressed: float


def measure_loss(attributes: Sequence[Attribute], classes: Integers, member: Mask, k: int) -> Loss:
    """Loss of a table whose rows lie in ``classes`` [rows]; a ``member`` [rows] with -1 was suppressed."""
    rows = int(np.count_nonzero(member))
    released = np.flatnonzero(classes >= 0)
    node = classes[released].astype(np.int32)
    sizes = np.bincount(node)
    by_column = {}
    for attribute in attributes:
        cells = count_cells(attribute.codes[released], node, len(sizes), attribute.domain)
        penalty = attribute.penalty(cells.lowest, cells.highest, cells.distinct)
        by_column[attribute.name] = float(np.sum(sizes * penalty) + rows - len(released)) / rows
    suppressed = rows - len(released)
    return Loss(
        penalty=sum(by_column.values()) / len(by_column),
        by_column=by_column,
        discernibility=float(np.sum(sizes.astype(np.float64) ** 2) + suppressed * rows),
        average_class=len(released) / len(sizes) / k,
        suppressed=suppressed / rows,
    )
