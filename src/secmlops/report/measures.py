"""What the measures mean: label, how the number is written, which ones count most, and plain words for each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from secmlops.core.evidence import Evidence
from secmlops.report import figures

Write = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A measure for people. ``words`` is empty where the label says all."""

    label: str
    write: Write = figures.number
    words: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One measure as the page shows it; ``interval`` is empty where none was measured."""

    name: str
    label: str
    value: str
    interval: str


_SCORES = {
    "auc": Meaning(
        "AUC",
        figures.score,
        "Area under the ROC curve: how often the model ranks a case in which the event happened above one in which it "
        "did not. 1 is perfect, 0.5 is a coin.",
    ),
    "average_precision": Meaning(
        "average precision",
        figures.score,
        "Area under the precision-recall curve: how clean the list of likely events is, from the top down. A guess "
        "reaches the share of events.",
    ),
    "accuracy": Meaning("accuracy", figures.score, "Share of rows that were called right."),
    "balanced_accuracy": Meaning(
        "balanced accuracy",
        figures.score,
        "Mean over the classes of the share called right, so that a rare class counts as much as a frequent one.",
    ),
    "precision": Meaning("precision", figures.score, "Of the rows called an event, the share that was one."),
    "recall": Meaning("recall", figures.score, "Of the events, the share that was called so."),
    "f1": Meaning("F1", figures.score, "Harmonic mean of precision and recall."),
    "brier": Meaning(
        "Brier score (low is good)",
        figures.score,
        "Mean squared distance between predicted probability and what happened. 0 is perfect.",
    ),
    "log_loss": Meaning(
        "log loss (low is good)",
        figures.score,
        "How surprised the model is by what happened; it punishes wrong certainty hardest. 0 is perfect.",
    ),
    "r2": Meaning("R squared", figures.score, "Share of the target's variation that the model explains."),
    "mae": Meaning("mean absolute error", figures.number, "Mean distance from the truth, in the target's unit."),
    "rmse": Meaning("root mean squared error", figures.number, "Like the mean distance, but large misses weigh more."),
    "ece": Meaning(
        "calibration error (ECE)",
        figures.score,
        "Expected calibration error: how far predicted probabilities are from what came true, on average.",
    ),
    "ece_debiased": Meaning(
        "calibration error, chance taken off",
        figures.score,
        "Expected calibration error less what chance alone adds to it.",
    ),
    "mce": Meaning("largest calibration error", figures.score, "The same gap, in the worst group of rows."),
    "slope": Meaning(
        "calibration slope",
        figures.score,
        "1 is right; below 1 predictions are too extreme, above 1 too cautious.",
    ),
    "train_score": Meaning("score on training rows", figures.score),
    "holdout_score": Meaning("score on the holdout", figures.score),
    "gap": Meaning(
        "gap",
        figures.score,
        "How much better the model is on rows it learnt from than on the holdout. A wide gap means overfitting, which "
        "also makes it easier to find out who was in the training data.",
    ),
    "skill": Meaning("skill on training rows", figures.share, "How far the model got from a guess to perfect."),
    "learning_slope": Meaning("gain from twice the data", figures.score, "What doubling the training rows would add."),
}
_GUARD = {
    "flag_rate": Meaning(
        "honest rows flagged as strange", figures.share, "Share of the holdout that the guard of the model flags."
    ),
    "expected_rate": Meaning("expected to be flagged", figures.share),
    "expected_low": Meaning("flagged by chance, at least", figures.share),
    "expected_high": Meaning(
        "flagged by chance, at most",
        figures.share,
        "Share of the holdout that chance alone may flag. Above it the holdout differs from the training rows.",
    ),
    "within_expected": Meaning("within what chance explains", figures.yes_no),
}
_STRANGE = {
    "far_values": "rows with every number far off",
    "out_of_range": "rows with one number far off",
    "broken_dependence": "rows of unrelated values",
    "mixed_categories": "rows with texts out of place",
}
_EXPLAIN = {
    "exact": Meaning("reasons are exact", figures.yes_no, "Contributions are computed, not estimated by sampling."),
    "additivity_error": Meaning(
        "largest gap between reasons and answer",
        figures.number,
        "How far base and contributions of a row are from what the model answered: as a probability, or in standard "
        "deviations of the predictions.",
    ),
    "standard_error": Meaning("standard error of reasons", figures.share, "0 where reasons are exact."),
    "deviation": Meaning(
        "difference from sampled reasons",
        figures.share,
        "How far contributions are from those that another method, sampling, finds.",
    ),
    "deviation_errors": Meaning("the largest, in standard errors", figures.number),
}
_WATCH = {
    "in_time": Meaning(
        "simulated thieves noticed in time",
        figures.share,
        "Simulated clients that copy the model by asking it, noticed before their copy is good.",
    ),
    "in_time_random": Meaning("of those that ask random rows", figures.share),
    "in_time_jacobian": Meaning("of those that ask along their copy's gradient", figures.share),
    "in_time_active": Meaning("of those that ask where their copy is undecided", figures.share),
    "copy_at_alarm": Meaning(
        "agreement of the copy when noticed",
        figures.score,
        "How well the copy of a noticed thief agreed with the model by then, at the median. 1 is a perfect copy.",
    ),
}
_HARDENING = {
    "membership_auc": Meaning(
        "training rows told from others, AUC",
        figures.score,
        "How well an attacker tells from an answer whether a row was learned from. 0.5 is a coin toss.",
    ),
    "membership_tpr_at_1pct": Meaning("training rows found at 1 % false alarms", figures.share),
    "extraction_agreement": Meaning(
        "agreement of a stolen copy",
        figures.score,
        "How well a copy made of some hundreds of answers agrees with the model. 1 is a perfect copy.",
    ),
    "auc_loss": Meaning("AUC that users lose", figures.score),
    "r2_loss": Meaning("R squared that users lose", figures.score),
    "brier_loss": Meaning("Brier score that users lose", figures.score),
    "changed_labels": Meaning("labels that change", figures.share),
}
_COUNTS = {
    "rows": "rows",
    "columns": "columns",
    "events": "events",
    "features": "features",
    "files": "files",
    "dangerous": "dangerous files",
    "cannot_tell": "files that cannot be told",
    "components": "components",
    "packages": "packages",
    "without_licence": "packages without a licence",
    "unpinned": "packages without a digest",
    "dependencies": "dependencies",
    "datasets": "data sets",
    "threats": "threats that apply",
    "serving_packages": "packages that serve and verify",
    "sensitive_features": "sensitive columns the model sees",
    "unanswered": "threats without an answer",
    "partly_by_configuration": "threats a control makes smaller",
    "answered_by_configuration": "threats a control is configured for",
    "mitigations": "mitigations in place",
    "controls": "controls",
    "personal_columns": "columns with personal data",
    "unprotected_columns": "of them unprotected",
    "protected_columns": "of them protected",
    "accepted_columns": "columns kept as they are, by name",
    "dropped_columns": "columns dropped",
    "pseudonymised_columns": "columns pseudonymised",
    "generalised_columns": "columns generalised",
    "encrypted_columns": "columns encrypted",
    "personal_columns_left": "columns with personal data left",
    "protected_cells": "cells protected",
    "distinct_before": "distinct values before",
    "distinct_after": "distinct values after",
    "shared_rows": "rows both in training and holdout",
    "class_changes": "answers of another class",
    "constant_columns": "constant columns",
    "deviations": "deviations from earlier data",
    "calibration_rows": "rows that calibrate the guard",
    "evaluations": "rows the model answers for one explanation",
    "queries_until_alarm": "queries until a thief is noticed (median)",
    "honest_clients": "simulated honest clients",
    "false_alarms": "of them taken for a thief",
    "withdrawn_rows": "rows of those who withdrew consent",
    "refused_rows": "rows without consent",
    "missing_by_label_columns": "columns whose gaps tell the label",
    "outlier_cells": "values far from all others",
    "odd_rows": "rows in which values go together as in no other",
    "unit_columns": "columns with another unit in them",
    "minority_rows": "training rows of the rarest class",
    "undeclared_groups": "columns that seem to name groups",
    "after_features": "features dated after their row",
    "suspicious_labels": "labels that the other rows contradict",
    "suspicious_slices": "slices that lack a class",
    "triggers": "planted triggers",
    "weighty_copies": "copies with a contradicted label",
    "suspicious_sources": "sources that disagree with all others",
}
_OTHERS = {
    "missing_share": Meaning("missing values", figures.share),
    "duplicate_share": Meaning("duplicate rows", figures.share),
    "event_share": Meaning("share of events", figures.share),
    "near_duplicate_share": Meaning("rows that nearly repeat another", figures.share),
    "contradicting_share": Meaning("rows of equal features and different labels", figures.share),
    "outlier_share": Meaning("outlying rows", figures.share),
    "minority_share": Meaning("share of the rarest class", figures.share),
    "majority_accuracy": Meaning(
        "accuracy of never answering the rare",
        figures.share,
        "How often a model is right that always answers the most frequent class: accuracy says little beyond it.",
    ),
    "largest_share": Meaning("share of the largest hundredth in the label's size", figures.share),
    "holdout_psi": Meaning("largest shift between training rows and holdout (PSI)", figures.score),
    "earlier_psi": Meaning(
        "largest shift since earlier data (PSI)",
        figures.score,
        "Population stability index of the feature that moved most: below 0.1 little has changed, above 0.25 much.",
    ),
    "serving_psi": Meaning("largest shift in production (PSI)", figures.score),
    "estimated_label_error_rate": Meaning(
        "estimated share of wrong labels",
        figures.share,
        "By confident learning. Where classes overlap, labels count that are only unusual.",
    ),
    "trigger_support": Meaning("rows that hold the largest trigger", figures.share),
    "trigger_success": Meaning("other rows that the worst trigger turns", figures.share),
    "declared": Meaning("purpose and basis on record", figures.yes_no),
    "purpose_matches": Meaning("used for a purpose on record", figures.yes_no),
    "class_change_share": Meaning("share of other answers", figures.share),
    "strongest_feature_auc": Meaning(
        "AUC of the strongest single feature",
        figures.score,
        "How well one column alone predicts the label. Close to 1 it is likely to give the answer away (leakage).",
    ),
    "max_difference": Meaning(
        "largest difference of answers",
        figures.number,
        "How far the exported model's answers are from those of the model that was trained.",
    ),
    "seconds": Meaning("time in the sandbox", figures.seconds),
    "cpu_seconds": Meaning("processor time in the sandbox", figures.seconds),
    "peak_memory_bytes": Meaning("memory in the sandbox, at most", figures.size),
    "scratch_in_memory": Meaning(
        "its files in memory only", figures.yes_no, "What the training read and wrote lay in memory, not on a disk."
    ),
    "model_bytes": Meaning("size of the model", figures.size),
    "signed_bytes": Meaning("bytes signed", figures.size),
    "signature_bytes": Meaning("size of the signature", figures.size),
    "bytes": Meaning("bytes in all", figures.size),
    "isolation.network_blocked": Meaning(
        "network out of reach", figures.yes_no, "The training code tried to reach a network, and could not."
    ),
    "isolation.files_isolated": Meaning(
        "other files out of reach", figures.yes_no, "The training code tried files outside its folder, and could not."
    ),
    "isolation.processes_blocked": Meaning(
        "other processes out of reach", figures.yes_no, "The training code tried to start or signal others, in vain."
    ),
    "isolation.limits": Meaning("limits on memory and time", figures.yes_no),
    "isolation.landlock": Meaning("Landlock", figures.yes_no, "A Linux kernel lock on which files a process may use."),
    "isolation.seccomp": Meaning("seccomp", figures.yes_no, "A Linux kernel filter on what a process may ask for."),
    "isolation.namespaces": Meaning("namespaces", figures.yes_no),
    "isolation.no_new_privileges": Meaning("no new privileges", figures.yes_no),
    "isolation.no_capabilities": Meaning("no capabilities", figures.yes_no),
}
KNOWN: Mapping[str, Meaning] = MappingProxyType(
    {
        **_SCORES,
        **_GUARD,
        **{f"detected.{kind}": Meaning(f"{rows}, flagged", figures.share) for kind, rows in _STRANGE.items()},
        **{f"auc.{kind}": Meaning(f"{rows}, AUC", figures.score) for kind, rows in _STRANGE.items()},
        **_EXPLAIN,
        **_WATCH,
        **{f"unchanged.{name}": meaning for name, meaning in _HARDENING.items()},
        **{name: Meaning(label, figures.count) for name, label in _COUNTS.items()},
        **_OTHERS,
    }
)

COUNTS_MOST: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "design.threats": ("threats", "unanswered", "partly_by_configuration", "answered_by_configuration"),
        "data.schema": ("rows", "columns", "missing_share", "duplicate_share", "deviations"),
        "data.personal": ("personal_columns", "unprotected_columns", "accepted_columns"),
        "data.protect": ("protected_cells", "personal_columns_left", "distinct_before", "distinct_after"),
        "data.governance": ("declared", "purpose_matches", "withdrawn_rows", "refused_rows"),
        "data.quality": ("missing_by_label_columns", "near_duplicate_share", "outlier_share", "unit_columns"),
        "data.leakage": ("strongest_feature_auc", "shared_rows"),
        "data.balance": ("minority_share", "minority_rows", "majority_accuracy", "largest_share"),
        "data.skew": ("serving_psi", "earlier_psi", "holdout_psi"),
        "data.label_errors": ("suspicious_labels", "estimated_label_error_rate", "suspicious_slices"),
        "data.poisoning": ("triggers", "trigger_success", "weighty_copies", "suspicious_sources"),
        "training.run": (
            "rows",
            "seconds",
            "isolation.network_blocked",
            "isolation.files_isolated",
            "isolation.processes_blocked",
            "isolation.limits",
        ),
        "assurance.performance": ("auc", "r2", "balanced_accuracy", "brier", "mae"),
        "assurance.calibration": ("ece_debiased", "slope", "mce"),
        "assurance.fit": ("train_score", "holdout_score", "gap", "learning_slope"),
        "assurance.explain": ("exact", "additivity_error", "deviation"),
        "assurance.guard": ("flag_rate", "expected_high", "detected.far_values"),
        "assurance.watch": ("in_time", "copy_at_alarm", "false_alarms", "honest_clients"),
        "assurance.hardening": (
            "unchanged.membership_auc",
            "unchanged.membership_tpr_at_1pct",
            "unchanged.extraction_agreement",
        ),
        "release.parity": ("max_difference", "class_changes", "rows"),
        "release.scan": ("files", "dangerous", "cannot_tell"),
        "release.bom": ("components", "without_licence", "unpinned"),
        "release.provenance": ("dependencies", "datasets"),
        "release.sign": ("files", "signed_bytes"),
    }
)
_FEW = 4


def meaning_of(name: str) -> Meaning:
    """Meaning of a measure; one that nobody explained has its own name as label."""
    if name in KNOWN:
        return KNOWN[name]
    if name.startswith("baseline_") and name.removeprefix("baseline_") in KNOWN:
        plain = KNOWN[name.removeprefix("baseline_")]
        return Meaning(f"{plain.label}, of a guess", plain.write)
    setting, _, measure = name.partition(".")
    if measure in _HARDENING:
        hardened = _HARDENING[measure]
        return Meaning(f"{hardened.label}, outputs {setting.replace('_', ' ')}", hardened.write)
    return Meaning(name.replace("_", " "))


def label_of(name: str) -> str:
    """Label of a measure."""
    return meaning_of(name).label


def measure_rows(evidence: Evidence) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Measures of a control: those that count most, and the others. Bounds of an interval stand with their measure."""
    measures = evidence.measures
    names = [n for n in measures if not _is_bound(n, measures)]
    chosen = [n for n in COUNTS_MOST.get(evidence.control.id, names[:_FEW]) if n in measures]
    most = chosen or names[:_FEW]
    rest = [n for n in names if n not in most]
    return tuple(_row(n, measures) for n in most), tuple(_row(n, measures) for n in rest)


def glossary(evidence: Iterable[Evidence]) -> tuple[Meaning, ...]:
    """Meanings, by label, of the measures that occur and need words."""
    used = {name for e in evidence for name in e.measures}
    return tuple(sorted((m for n, m in KNOWN.items() if n in used and m.words), key=lambda m: m.label.lower()))


def _is_bound(name: str, measures: Mapping[str, float]) -> bool:
    base, _, end = name.rpartition("_")
    return end in ("low", "high") and base in measures


def _row(name: str, measures: Mapping[str, float]) -> Row:
    known = meaning_of(name)
    low, high = measures.get(f"{name}_low"), measures.get(f"{name}_high")
    interval = "" if low is None or high is None else f"{known.write(low)} to {known.write(high)}"
    return Row(name, known.label, known.write(measures[name]), interval)
