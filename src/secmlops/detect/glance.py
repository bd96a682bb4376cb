"""A glance at rows on the grid: it acquits most honest ones for less than their scores would cost.

A row is not flagged when five references lie within the threshold of it, whichever they are. For most honest rows five
of the most central references do. The distances are whole numbers and exact, so a glance never errs; of the rows that
it leaves in doubt it says nothing.
"""

import numpy as np
import numpy.typing as npt

from secmlops.detect.exact_neighbours import CERTAINLY_NEAR, NEIGHBOUR, ExactNeighbours, Places

CENTRAL = 32
_HELPS = 0.75


class Glance:
    """Whether rows score at most ``bound``, told by the ``CENTRAL`` references next to the centre.

    ``helps`` says whether most of the references themselves are acquitted: of honest rows in several crowds few are.
    """

    def __init__(self, detector: ExactNeighbours, bound: float) -> None:
        self._bound = bound
        exact = detector.references.astype(np.float64)
        self._table = detector.table_of(np.argsort((exact * exact).sum(axis=1), kind="stable")[:CENTRAL])
        own = np.concatenate([exact, np.ones((len(exact), 1))], axis=1)
        self.helps = bool(np.mean(self.doubted(own)) <= 1 - _HELPS)

    def near(self, place: Places) -> bool:
        """Whether one row [p + 1] certainly scores at most the bound; never where a coordinate is missing."""
        own = float(place.dot(place))
        if not own <= CERTAINLY_NEAR:
            return False
        most, near = self._bound - own, 0
        for square in place.dot(self._table).tolist():
            if square <= most:
                near += 1
                if near == NEIGHBOUR:
                    return True
        return False

    def doubted(self, places: Places) -> npt.NDArray[np.bool_]:
        """Which rows [n, p + 1] do not certainly score at most the bound, bool [n]."""
        own = (places * places).sum(axis=1)
        certain = own <= CERTAINLY_NEAR
        if not certain.all():
            own, places = np.where(certain, own, 0), np.where(certain[:, None], places, 0)
        squares = places.dot(self._table)
        squares += own[:, None]
        squares.sort(axis=1)
        doubted: npt.NDArray[np.bool_] = (squares[:, NEIGHBOUR - 1] > self._bound) | ~certain
        return doubted
