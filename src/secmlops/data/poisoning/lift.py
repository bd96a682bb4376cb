"""How much oftener values come together than they would if the table were what its smaller margins say, in nats.

No label is looked at. What was planted stands out by its count alone, and may be given more chances for it.
"""

import numpy as np
import numpy.typing as npt

_LEAST_EXPECTED = 0.05

Counts = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]


def deviance(counts: npt.NDArray[np.int64], expected: Matrix) -> Matrix:
    """Poisson deviance, halved, of ``counts`` [m] above what is ``expected`` [m]; 0 for those that are not above it."""
    usual = np.maximum(expected, _LEAST_EXPECTED)
    rows = np.maximum(counts, usual)
    nats: Matrix = rows * np.log(rows / usual) - (rows - usual)
    return nats


def pair_lift(both: Counts, margins: tuple[Counts, Counts], total: int) -> Matrix:
    """Lift of pairs [m] of values that stand in ``margins`` rows each."""
    return deviance(both, _independent(*margins, both, total))


def triple_lift(every: Counts, singles: tuple[Counts, ...], pairs: tuple[Counts, ...], total: int) -> Matrix:
    """Lift of triples [m] over the most that a pair and a value explain, or two pairs that share a value.

    ``pairs`` are in the order of the single value that each of them lacks.
    """
    apart = [_independent(pair, single, every, total) for pair, single in zip(pairs, singles, strict=True)]
    through = [
        _independent(pairs[a], pairs[b], every, singles[shared]) for a, b, shared in ((1, 2, 0), (0, 2, 1), (0, 1, 2))
    ]
    return deviance(every, np.max([*apart, *through], axis=0))


def _independent(one: Counts, two: Counts, both: Counts, total: Counts | int) -> Matrix:
    """Rows that would have both of two independent properties, judged by those that have one of them or neither."""
    expected: Matrix = (one - both) * (two - both) / np.maximum(total - one - two + both, 1)
    return expected
