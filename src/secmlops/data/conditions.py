"""The conditions of a release that a proposed project sets, and whether a project still has just those."""

from collections.abc import Mapping

import pyarrow.compute as pc

from secmlops.core.task import Task
from secmlops.data.arrow import Chunks

_AUC, _R2, _ACCURACY = (f"assurance.performance.{metric}" for metric in ("auc", "r2", "accuracy"))
_CALIBRATED = {"assurance.calibration.ece": "<= 0.10"}
_FITTED = {"assurance.fit.gap": "<= 0.15"}
_FIXED = {
    Task.BINARY: {_AUC: ">= 0.7", **_CALIBRATED, **_FITTED},
    Task.REGRESSION: {_R2: ">= 0.5", **_FITTED},
}


def proposed_conditions(task: Task, label: Chunks) -> dict[str, str]:
    """Conditions by measure that a useful model meets: clearly better than guessing, calibrated, not overfitted."""
    if task is not Task.MULTICLASS:
        return dict(_FIXED[task])
    guess = int(pc.max(pc.value_counts(label).field("counts")).as_py()) / len(label)
    return {_ACCURACY: f">= {guess + (1 - guess) / 4:.2f}", **_CALIBRATED, **_FITTED}


def are_proposed(task: Task, require: Mapping[str, str]) -> bool:
    """Whether the conditions are those proposed for the task; the accuracy of several classes may be any."""
    if task is not Task.MULTICLASS:
        return dict(require) == _FIXED[task]
    others = {measure: condition for measure, condition in require.items() if measure != _ACCURACY}
    return _ACCURACY in require and others == _CALIBRATED | _FITTED
