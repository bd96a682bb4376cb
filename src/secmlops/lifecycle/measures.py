"""What the built-in controls measure, and in which range: a release condition no value can meet is told at once."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from secmlops.core.condition import Condition
from secmlops.core.task import Task

Range = tuple[float, float]
"""Least and largest value, both included."""

SHARE: Range = (0.0, 1.0)
SIGNED: Range = (-1.0, 1.0)
AMOUNT: Range = (0.0, math.inf)
SCORE: Range = (-math.inf, 1.0)
NUMBER: Range = (-math.inf, math.inf)


def _with_interval(ranges: Mapping[str, Range]) -> dict[str, Range]:
    bounds = {f"{name}_{end}": span for name, span in ranges.items() for end in ("low", "high")}
    return {**ranges, **bounds, **{f"baseline_{name}": span for name, span in ranges.items()}}


_CLASSES = dict.fromkeys(("auc", "accuracy", "balanced_accuracy", "f1"), SHARE) | {"log_loss": AMOUNT}
_EVENTS = _CLASSES | dict.fromkeys(("average_precision", "precision", "recall", "brier"), SHARE)
_QUANTITY = {"r2": SCORE, "mae": AMOUNT, "rmse": AMOUNT}
_CALIBRATION = dict.fromkeys(("ece", "ece_debiased", "mce", "ece_before", "ece_debiased_before"), SHARE)
_CALIBRATION |= {"rows": AMOUNT}
_LINE = dict.fromkeys(("in_the_large", "intercept", "slope", "slope_low", "slope_high"), NUMBER)
_PARTS = dict.fromkeys(("brier", "brier_before", "brier_reliability", "brier_resolution", "brier_uncertainty"), SHARE)
_BEST = {
    **dict.fromkeys(("youden_threshold", "youden_balanced_accuracy"), SHARE),
    **dict.fromkeys(("prior_threshold", "prior_precision", "prior_recall"), SHARE),
    "auc_standard_error": AMOUNT,
    **dict.fromkeys(("auc_delong_low", "auc_delong_high"), SHARE),
}

_STRANGE = ("far_values", "out_of_range", "broken_dependence", "mixed_categories")
_GUARD = {
    **dict.fromkeys(("flag_rate", "expected_rate", "expected_low", "expected_high", "within_expected"), SHARE),
    **dict.fromkeys(("rows", "calibration_rows"), AMOUNT),
    **{f"{measure}.{kind}": SHARE for measure in ("detected", "auc") for kind in _STRANGE},
}

_EXPLAIN = {
    **dict.fromkeys(("rows", "evaluations", "additivity_error", "deviation", "deviation_errors", "bytes"), AMOUNT),
    **dict.fromkeys(("steepness", "steepness_median"), AMOUNT),
    **dict.fromkeys(("agreement", "deletion", "insertion"), SIGNED),
    **dict.fromkeys(("exact", "standard_error", "strongest_interaction"), SHARE),
}

_EVASION = {"clean_accuracy": SHARE, "masking": SIGNED, **dict.fromkeys(("median_cost", "queries", "rows"), AMOUNT)}
_ROBUST = {f"robust_accuracy_at_{{budget}}{end}": SHARE for end in ("", "_low", "_high")}
_ROBUST_BESIDE = {f"{of}robust_accuracy_at_{{budget}}": SHARE for of in ("", "uncompressed_")}
_LOST = {f"{flips}_loss_at_{{budget}}": SIGNED for flips in ("random", "targeted")}
_LOST_OR_TAKEN = {**_LOST, **{f"trigger_success_at_{{budget}}{end}": SHARE for end in ("", "_low", "_high")}}
_AT_BUDGETS: Mapping[str, Mapping[Task, Mapping[str, Range]]] = {
    "assurance.evasion": dict.fromkeys(Task, _ROBUST),
    "assurance.compression": dict.fromkeys(Task, _ROBUST_BESIDE),
    "assurance.poison_price": dict.fromkeys((Task.BINARY, Task.MULTICLASS), _LOST_OR_TAKEN),
}

_POISON_PRICE = {
    **dict.fromkeys(("clean_accuracy", "imitation"), SHARE),
    **{f"{flips}_per_percent{end}": NUMBER for flips in ("random", "targeted") for end in ("", "_low", "_high")},
    "rows": AMOUNT,
}

_BACKDOOR = {
    **dict.fromkeys(("trigger_success", "trigger_explained", "trigger_support"), SHARE),
    **dict.fromkeys(("classes", "triggers", "trigger_features"), AMOUNT),
    "anomaly": NUMBER,
}

_INVERSION = {
    **dict.fromkeys(("classes", "distance", "public_distance", "marginal_distance"), AMOUNT),
    **{f"reconstruction_gain{end}": SCORE for end in ("", "_low", "_high")},
    **{f"nearer{end}": SHARE for end in ("", "_low", "_high")},
}

_SLICES = {
    **dict.fromkeys(("worse_slices", "biased_slices", "tried", "rows", "worst_ratio"), AMOUNT),
    **dict.fromkeys(("overall_error", "worst_error", "worst_bias"), AMOUNT),
    "worst_share": SHARE,
}

_RATES = dict.fromkeys(("attack_auc", "tpr_at_1pct", "tpr_at_0.1pct"), SHARE)
_MEMBERSHIP = {
    **_RATES,
    **{f"{name}_{end}": SHARE for name in _RATES for end in ("low", "high")},
    **{
        f"{attack}.{name}": SHARE
        for attack in ("threshold", "rmia", "labels", "noise", "lira_online", "lira_offline")
        for name in _RATES
    },
    **dict.fromkeys(("attacks", "rows", "epsilon_low", "promised_epsilon"), AMOUNT),
    "references": AMOUNT,
    "own_kind": SHARE,
}

_CANDIDATE = {
    **dict.fromkeys(("ece", "fairness_gap", "membership_auc"), SHARE),
    **dict.fromkeys(("model_bytes", "row_microseconds", "batch_microseconds"), AMOUNT),
}
_LOST = {f"{score}_loss{end}": SIGNED for score in ("auc", "accuracy") for end in ("", "_low", "_high")}
_COMPRESSION = {
    task: {
        **{f"{of}{name}": span for of in ("", "uncompressed_") for name, span in facts.items()},
        **dict.fromkeys(("size_ratio", "ways", "export_difference"), AMOUNT),
        **losses,
    }
    for task in Task
    for facts, losses in [
        (_CANDIDATE | {"auc": SHARE}, _LOST | {"agreement": SHARE})
        if task.is_classification
        else (_CANDIDATE | {"r2": SCORE}, {"agreement": SCORE} | {f"r2_loss{e}": NUMBER for e in ("", "_low", "_high")})
    ]
}

_VULNERABILITIES = dict.fromkeys(
    (
        "checked_packages",
        "unchecked_packages",
        "online_packages",
        "advisories",
        "vulnerabilities",
        "vulnerable_packages",
    ),
    AMOUNT,
) | {"advisory_age_days": AMOUNT}

_WATCH = {
    **dict.fromkeys(("in_time", "in_time_random", "in_time_jacobian", "in_time_active"), SHARE),
    **dict.fromkeys(("queries_until_alarm", "false_alarms", "honest_clients", "rows"), AMOUNT),
}

_QUALITY = {
    **dict.fromkeys(("missing_difference", "near_duplicate_share", "contradicting_share", "outlier_share"), SHARE),
    **dict.fromkeys(("missing_by_label_columns", "outlier_cells", "odd_rows"), AMOUNT),
    **dict.fromkeys(("unit_columns", "placeholder_columns", "impossible_values"), AMOUNT),
}

_BALANCE = {
    **dict.fromkeys(("minority_share", "evenness", "majority_accuracy"), SHARE),
    **dict.fromkeys(("minority_rows", "minority_holdout_rows", "imbalance_ratio"), AMOUNT),
}

_SKEW = dict.fromkeys(
    (*(f"{of}_psi" for of in ("holdout", "earlier", "serving")), "features", "serving_features", "skewed_features"),
    AMOUNT,
) | {"serving_rows": AMOUNT}

_LABEL_ERRORS = {
    **dict.fromkeys(("examined_rows", "suspicious_labels", "contradicted_by_neighbours"), AMOUNT),
    **dict.fromkeys(("suspicious_slices", "slice_labels"), AMOUNT),
    "estimated_label_error_rate": SHARE,
}

_POISONING = {
    **dict.fromkeys(("examined_rows", "triggers", "weighty_copies", "suspicious_rows"), AMOUNT),
    **dict.fromkeys(("sources", "suspicious_sources"), AMOUNT),
    "trigger_support": SHARE,
    "trigger_success": SIGNED,
    "source_influence": NUMBER,
}

_ANONYMISE = {
    **dict.fromkeys(("k", "classes", "persons", "distinct_l", "entropy_l", "recursive_c", "discernibility"), AMOUNT),
    **dict.fromkeys(("average_class", "identifying_columns"), AMOUNT),
    **dict.fromkeys(("prosecutor_risk", "journalist_risk", "marketer_risk", "at_risk", "penalty", "suppressed"), SHARE),
    **dict.fromkeys(("t", "delta_low", "delta_high"), SHARE),
}

_GOVERNANCE = dict.fromkeys(("declared", "purpose_matches"), SHARE) | dict.fromkeys(
    ("rows", "refused_rows", "withdrawn_rows", "unknown_subjects", "listed_subjects", "age_days", "retention_days"),
    AMOUNT,
)

_BY_TASK: Mapping[str, Mapping[Task, Mapping[str, Range]]] = MappingProxyType(
    {
        "data.governance": dict.fromkeys(Task, _GOVERNANCE),
        "data.quality": dict.fromkeys(Task, _QUALITY),
        "data.anonymise": dict.fromkeys(Task, _ANONYMISE),
        "data.balance": {
            Task.BINARY: _BALANCE | {"threshold": SHARE},
            Task.MULTICLASS: _BALANCE,
            Task.REGRESSION: {"largest_share": SHARE},
        },
        "data.skew": dict.fromkeys(Task, _SKEW),
        "data.label_errors": dict.fromkeys(Task, _LABEL_ERRORS),
        "data.poisoning": dict.fromkeys(Task, _POISONING),
        "assurance.performance": {
            Task.BINARY: _with_interval(_EVENTS) | _BEST | {"rows": AMOUNT, "events": AMOUNT, "event_share": SHARE},
            Task.MULTICLASS: _with_interval(_CLASSES) | {"rows": AMOUNT},
            Task.REGRESSION: _with_interval(_QUANTITY) | {"rows": AMOUNT},
        },
        "assurance.calibration": {
            Task.BINARY: _CALIBRATION | _LINE | _PARTS,
            Task.MULTICLASS: _CALIBRATION,
            Task.REGRESSION: _LINE | {"rows": AMOUNT},
        },
        "assurance.fit": {
            task: {
                **dict.fromkeys(("train_score", "holdout_score"), SHARE if task.is_classification else SCORE),
                **dict.fromkeys(("gap", "gap_low", "gap_high"), SIGNED if task.is_classification else NUMBER),
                **dict.fromkeys(("skill",), SIGNED if task.is_classification else SCORE),
                **dict.fromkeys(("learning_slope",), NUMBER),
                **{
                    f"complexity_shortfall{end}": SIGNED if task.is_classification else NUMBER
                    for end in ("", "_low", "_high")
                },
                "complexity_best": AMOUNT,
            }
            for task in Task
        },
        "assurance.evasion": dict.fromkeys(Task, _EVASION),
        "assurance.slices": dict.fromkeys(Task, _SLICES),
        "assurance.membership": {
            Task.BINARY: _MEMBERSHIP,
            Task.MULTICLASS: _MEMBERSHIP,
            Task.REGRESSION: {"attacks": AMOUNT},
        },
        "assurance.inversion": {
            Task.BINARY: _INVERSION,
            Task.MULTICLASS: _INVERSION,
            Task.REGRESSION: {"classes": AMOUNT},
        },
        "assurance.backdoor": {
            Task.BINARY: _BACKDOOR,
            Task.MULTICLASS: _BACKDOOR,
            Task.REGRESSION: {"classes": AMOUNT},
        },
        "assurance.poison_price": {
            Task.BINARY: _POISON_PRICE,
            Task.MULTICLASS: _POISON_PRICE,
            Task.REGRESSION: {"budgets": AMOUNT},
        },
        "assurance.compression": _COMPRESSION,
        "release.vulnerabilities": dict.fromkeys(Task, _VULNERABILITIES),
        "assurance.explain": dict.fromkeys(Task, _EXPLAIN),
        "assurance.guard": dict.fromkeys(Task, _GUARD),
        "assurance.watch": {
            task: {**_WATCH, "copy_at_alarm": SHARE if task.is_classification else SCORE} for task in Task
        },
        "release.parity": {
            task: dict.fromkeys(("rows", "max_difference", "mean_difference", "class_changes"), AMOUNT)
            | {"class_change_share": SHARE}
            for task in Task
        },
    }
)


def measured(control_id: str, task: Task, budgets: Sequence[float] = ()) -> Mapping[str, Range]:
    """Ranges of the measures that the control gives for ``task``, by name; empty where they are not known.

    ``budgets`` are the points of its curve, where it measures one.
    """
    curve = _AT_BUDGETS.get(control_id, {}).get(task, {})
    points = {name.format(budget=f"{b:g}"): span for b in budgets for name, span in curve.items()}
    return {**_BY_TASK.get(control_id, {}).get(task, {}), **points}


def is_possible(condition: Condition, span: Range) -> bool:
    """Whether some value within ``span`` meets the condition."""
    low, high = span
    return {
        ">=": high >= condition.bound,
        ">": high > condition.bound,
        "<=": low <= condition.bound,
        "<": low < condition.bound,
        "==": low <= condition.bound <= high,
    }[condition.operator]
