"""The likelihood ratio attack (LiRA; Carlini et al., IEEE S&P 2022), online and offline.

How sure a model is of a row's class is compared with how sure reference models are that did, or did not, learn from
that row: two normal distributions of log odds for each row, with one spread for all rows, which is better than one for
each when there are fewer than some sixty models (section V-B there).
"""

import numpy as np
import numpy.typing as npt

from secmlops.attack.membership import threshold
from secmlops.attack.oracle import Outputs
from secmlops.attack.references import FLOOR, References

Matrix = npt.NDArray[np.float64]
_LEAST_SPREAD = 1e-3


def online(outputs: Outputs, target: npt.NDArray[np.int64], references: References) -> Matrix:
    """Score [n]: log ratio of the densities with and without the row."""
    seen, with_it, without_it, spread = _compared(outputs, target, references)
    nats: Matrix = (np.square((seen - without_it) / spread[1]) - np.square((seen - with_it) / spread[0])) / 2
    return nats


def offline(outputs: Outputs, target: npt.NDArray[np.int64], references: References) -> Matrix:
    """Score [n]: how far above the models without the row, in their standard deviations; the others are not used."""
    seen, _, without_it, spread = _compared(outputs, target, references)
    above: Matrix = (seen - without_it) / spread[1]
    return above


def _compared(
    outputs: Outputs, target: npt.NDArray[np.int64], references: References
) -> tuple[Matrix, Matrix, Matrix, tuple[float, float]]:
    """Log odds seen [n], expected with and without the row [n], and the spreads with and without it."""
    odds = _log_odds(references.likelihood)
    with_it, without_it = references.means(odds)
    left = np.square(odds - np.where(references.learned, with_it, without_it))
    spreads = [float(np.sqrt(left[rows].mean())) for rows in (references.learned, ~references.learned)]
    with_spread, without_spread = (max(spread, _LEAST_SPREAD) for spread in spreads)
    return _log_odds(threshold(outputs, target)), with_it, without_it, (with_spread, without_spread)


def _log_odds(probability: Matrix) -> Matrix:
    kept = probability.clip(FLOOR, 1 - FLOOR)
    odds: Matrix = np.log(kept / (1 - kept))
    return odds
