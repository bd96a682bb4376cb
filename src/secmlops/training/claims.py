"""What code of the user's own says of its training: told as its word, never measured, and no condition rests on it.

It shares a process with ours, so it can make any report there say anything. What it leaves is either measured anew on
the finished model by controls that it cannot reach, or it is a claim, and these are all of them.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from secmlops.core.finding import Finding, Severity

_ROBUST = "assurance.evasion.robust_accuracy, which is measured on the finished model"
_FAIR = "assurance.fairness, which looks at the finished model"
CLAIMED: Mapping[str, str] = MappingProxyType(
    {
        "training.run.robust_rounds": _ROBUST,
        "training.run.robust_accuracy_on_training": _ROBUST,
        "training.run.clean_accuracy_on_training": _ROBUST,
        "training.run.plain_robust_accuracy_on_training": _ROBUST,
        "training.run.plain_clean_accuracy_on_training": _ROBUST,
        "training.run.plain_difference_on_training": _FAIR,
        "training.run.reweighed_difference_on_training": _FAIR,
        "training.run.reweighing_price_on_training": _FAIR,
        "assurance.fit.learning_slope": "assurance.fit.holdout_score, which is measured on the finished model",
    }
)
"""Measures that rest on the word of training code, and what to require in their place where that is the user's own."""


def claims(told: Mapping[str, float], file: str) -> tuple[Finding, ...]:
    """What the process that ran ``file`` says of itself, for people to read."""
    said = ", ".join(f"{name} {value:.4g}" for name, value in told.items() if name not in measured(told))
    if not said:
        return ()
    what = f"by the word of the process that ran your own code, and measured by nobody: {said}"
    return (Finding("run-claimed", Severity.NOTE, what, file, "the controls of assurance measure the finished model"),)


def measured(told: Mapping[str, float]) -> dict[str, float]:
    """What of it is no claim."""
    return {name: value for name, value in told.items() if f"training.run.{name}" not in CLAIMED}


def claimed(measures: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield each of the required ``measures`` that is a claim of the user's own code, and what is said about it."""
    for name in measures:
        if name in CLAIMED:
            yield name, f"only your own training code says so of itself: require {CLAIMED[name]}"
