"""Which levels of a p-value a score lies below, without the p-value: a comparison with a few scores, not with all."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.detect.clients.evidence import Shares
from secmlops.detect.conformal import Calibration


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """``beyond``: scores, rising, beyond which a p-value is up to each level, the largest level first."""

    beyond: npt.NDArray[np.float64]

    @classmethod
    def of(cls, calibration: Calibration, shares: Shares, tolerance: float = 0.0) -> "Levels":
        """Levels of p-values under a calibration; one that no score could reach has the limit infinity.

        Scores have to be larger than for such a p-value by the ``tolerance`` times the level.
        """
        ranks = [int(np.floor(round(level * (calibration.size + 1), 9))) for level, _ in reversed(shares)]
        scores = np.array([calibration.scores[-rank] if rank else np.inf for rank in ranks])
        return cls(scores + [tolerance * level for level, _ in reversed(shares)])

    def cells(self, scores: npt.NDArray[np.floating]) -> npt.NDArray[np.intp]:
        """Cell [n] of the bets (``Bets``) that the p-value of each score, a number, lies in."""
        return len(self.beyond) - self.beyond.searchsorted(scores, "left")
