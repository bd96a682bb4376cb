"""Finds features that know what came after: dated later than the row, filled in later, or strong only looking back.

Kaufman, Rosset, Perlich and Stitelman (Leakage in Data Mining, ACM TKDD 6, 2012) call legitimate only what was known at
the moment of the prediction; a column that gives that moment is what all three questions need.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.core.finding import Finding, Severity
from secmlops.data.leakage.giveaway import giveaways
from secmlops.data.prepare import Prepared
from secmlops.runtime.examples import Examples

MINIMUM_ROWS = 100
_LATEST = 0.1
_LATE = 0.5
_FORWARD = 0.75
_FADING = 0.1

Moments = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hindsight:
    """What the moments of the rows say about the features.

    ``after`` gives, by date column, the share of its dates that lie after the moment of their row. ``late`` are
    features that are missing in the latest tenth of the rows far more often than before, with both shares (before,
    latest). ``fading`` are features that tell the label (area under the ROC curve or R squared) among rows of the same
    time, first number, and much less of rows that come later, second number. ``look_ahead`` is the share of holdout
    rows that are older than the latest training row.
    """

    after: dict[str, float]
    late: dict[str, tuple[float, float]]
    fading: dict[str, tuple[float, float]]
    look_ahead: float

    @property
    def measures(self) -> dict[str, float]:
        """How many features, by the three questions, and the look-ahead of the split."""
        return {
            "after_features": float(len(self.after)),
            "late_features": float(len(self.late)),
            "fading_features": float(len(self.fading)),
            "look_ahead": self.look_ahead,
        }

    def findings(self, bound: float) -> Iterator[Finding]:
        """Tell every feature; an error where more than the share ``bound`` of its dates lie after the row's moment."""
        drop = "if it is known only after the answer is, add it to data.protect with drop"
        for name, share in self.after.items():
            severity = Severity.ERROR if share > bound else Severity.WARNING
            told = f"{share:.1%} of its dates lie after the row's moment"
            yield Finding("leakage.after", severity, told, f"column {name!r}", drop)
        for name, (before, latest) in self.late.items():
            told = (
                f"missing in {latest:.1%} of the latest rows and in {before:.1%} of the others: it is filled in later"
            )
            yield Finding("leakage.late", Severity.WARNING, told, f"column {name!r}", drop)
        for name, (together, forward) in self.fading.items():
            told = f"tells {together:.3f} of 1 among rows of the same time, and {forward:.3f} of later ones"
            advice = "it may hold what was known only later, or drift: judge the model on later rows"
            yield Finding("leakage.fading", Severity.WARNING, told, f"column {name!r}", advice)


def hindsight(artifact: Prepared) -> Hindsight | None:
    """Hold the features against ``artifact.moments``; None without moments, or below 100 rows that have one."""
    if artifact.moments is None:
        return None
    moments = np.concatenate([artifact.moments[artifact.train_rows], artifact.moments[artifact.holdout_rows]])
    dated = np.isfinite(moments)
    if np.count_nonzero(dated) < MINIMUM_ROWS:
        return None
    rows = _joined(artifact.train, artifact.holdout)
    order = np.flatnonzero(dated)[np.argsort(moments[dated], kind="stable")]
    latest_train = np.nanmax(artifact.moments[artifact.train_rows])
    return Hindsight(
        after=_after(artifact, rows, moments),
        late=_late(artifact, rows.take(order)),
        fading=_fading(artifact, rows.take(order)),
        look_ahead=float(np.mean(artifact.moments[artifact.holdout_rows] < latest_train)),
    )


def _joined(train: Examples, holdout: Examples) -> Examples:
    inputs = type(train.inputs)(
        np.concatenate([train.inputs.numeric, holdout.inputs.numeric]),
        np.concatenate([train.inputs.categorical, holdout.inputs.categorical]),
    )
    return Examples(inputs, np.concatenate([train.target, holdout.target]))


def _after(artifact: Prepared, rows: Examples, moments: Moments) -> dict[str, float]:
    """Dates are days since 1970, as the moments are; a day that both have in common is not after."""
    shares = {}
    for place, feature in enumerate(artifact.signature.numeric):
        if feature.name in artifact.dates:
            days = rows.inputs.numeric[:, place]
            known = np.isfinite(days) & np.isfinite(moments)
            if known.any():
                shares[feature.name] = float(np.mean(np.floor(days[known]) > np.floor(moments[known])))
    return {name: share for name, share in shares.items() if share}


def _late(artifact: Prepared, rows: Examples) -> dict[str, tuple[float, float]]:
    latest = max(int(len(rows) * _LATEST), 1)
    missing = {
        **{f.name: np.isnan(rows.inputs.numeric[:, i]) for i, f in enumerate(artifact.signature.numeric)},
        **{f.name: rows.inputs.categorical[:, i] == "" for i, f in enumerate(artifact.signature.categorical)},
    }
    shares = {name: (float(gaps[:-latest].mean()), float(gaps[-latest:].mean())) for name, gaps in missing.items()}
    return {name: (before, now) for name, (before, now) in shares.items() if now - before > _LATE}


def _fading(artifact: Prepared, rows: Examples) -> dict[str, tuple[float, float]]:
    """Compare two halves of the same time, drawn alternately, with the earlier rows judged by the later ones."""
    turn = int(len(rows) * _FORWARD)
    every = np.arange(len(rows))
    earlier, later = rows.take(every[:turn]), rows.take(every[turn:])
    if len(np.unique(later.target)) < 2 or len(np.unique(earlier.target)) < 2:
        return {}
    together = giveaways(artifact.signature, rows.take(every[every % 4 != 0]), rows.take(every[every % 4 == 0]))
    forward = giveaways(artifact.signature, earlier, later)
    return {
        now.feature: (now.strength, then.strength)
        for now, then in zip(together, forward, strict=True)
        if now.surely - then.strength > _FADING
    }
