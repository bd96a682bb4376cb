"""The measures of a control as the report shows them: which count most, their labels and intervals, a glossary."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from secmlops.core.evidence import Evidence
from secmlops.report.meanings.assurance import ASSURANCE, HARDENING
from secmlops.report.meanings.compression import COMPRESSION
from secmlops.report.meanings.data import DATA
from secmlops.report.meanings.exposure import EXPOSURE
from secmlops.report.meanings.meaning import Meaning
from secmlops.report.meanings.release import RELEASE
from secmlops.report.meanings.scores import SCORES
from secmlops.report.meanings.training import TRAINING


@dataclass(frozen=True, slots=True)
class Row:
    """One measure as the page shows it; ``interval`` is empty where none was measured."""

    name: str
    label: str
    value: str
    interval: str


KNOWN: Mapping[str, Meaning] = MappingProxyType(
    {**SCORES, **ASSURANCE, **EXPOSURE, **DATA, **TRAINING, **COMPRESSION, **RELEASE}
)

_OWN: Mapping[str, Mapping[str, Meaning]] = MappingProxyType({"assurance.explain": ASSURANCE})
"""Meanings of measures by a name that another control uses too, by control."""

COUNTS_MOST: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "design.threats": ("threats", "unanswered", "partly_by_configuration", "answered_by_configuration"),
        "data.schema": ("rows", "columns", "missing_share", "duplicate_share", "deviations"),
        "data.personal": ("personal_columns", "unprotected_columns", "accepted_columns"),
        "data.protect": ("protected_cells", "personal_columns_left", "distinct_before", "distinct_after"),
        "data.anonymise": ("k", "prosecutor_risk", "penalty", "suppressed", "classes"),
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
        "assurance.slices": ("worst_ratio", "worst_share", "worst_bias", "worse_slices"),
        "assurance.fairness": (
            "demographic_parity_ratio",
            "equal_opportunity_difference",
            "equalized_odds_difference",
            "calibration_difference",
        ),
        "assurance.membership": ("attack_auc", "tpr_at_1pct", "tpr_at_0.1pct", "epsilon_low"),
        "assurance.attributes": ("advantage", "attacked", "imputed"),
        "assurance.explain": ("exact", "additivity_error", "deviation"),
        "assurance.guard": ("flag_rate", "expected_high", "detected.far_values"),
        "assurance.watch": ("in_time", "copy_at_alarm", "false_alarms", "honest_clients"),
        "assurance.evasion": ("robust_accuracy_at_0.25", "robust_accuracy_at_0.5", "clean_accuracy", "median_cost"),
        "assurance.hardening": (
            "unchanged.membership_auc",
            "unchanged.membership_tpr_at_1pct",
            "unchanged.extraction_agreement",
            "unchanged.queries_for_90pct",
        ),
        "assurance.compression": ("agreement", "auc_loss", "r2_loss", "size_ratio"),
        "assurance.inversion": ("reconstruction_gain", "nearer", "distance", "public_distance"),
        "assurance.backdoor": ("triggers", "trigger_success", "trigger_features", "anomaly"),
        "assurance.poison_price": ("targeted_per_percent", "random_per_percent", "trigger_success_at_1"),
        "release.parity": ("max_difference", "class_changes", "rows"),
        "release.scan": ("files", "dangerous", "cannot_tell"),
        "release.bom": ("components", "without_licence", "unpinned"),
        "release.vulnerabilities": ("vulnerabilities", "vulnerable_packages", "unchecked_packages"),
        "release.provenance": ("dependencies", "datasets"),
        "release.sign": ("files", "signed_bytes"),
    }
)
_FEW = 4
_OTHERS = {"baseline_": "of a guess", "uncompressed_": "before compression"}


def meaning_of(name: str) -> Meaning:
    """Meaning of a measure; one that nobody explained has its own name as label."""
    if name in KNOWN:
        return KNOWN[name]
    for prefix, whose in _OTHERS.items():
        if name.startswith(prefix) and name.removeprefix(prefix).partition("_at_")[0] in KNOWN:
            plain = meaning_of(name.removeprefix(prefix))
            return Meaning(f"{plain.label}, {whose}", plain.write)
    curve, at, budget = name.rpartition("_at_")
    if at and curve in KNOWN:
        return Meaning(f"{KNOWN[curve].label} {budget}", KNOWN[curve].write)
    setting, _, measure = name.partition(".")
    if measure in HARDENING:
        hardened = HARDENING[measure]
        return Meaning(f"{hardened.label}, outputs {setting.replace('_', ' ')}", hardened.write)
    of, known = next(((of, rest) for of, rest in _split(name) if rest in EXPOSURE), ("", ""))
    if known:
        return Meaning(f"{of.replace('_', ' ')}: {EXPOSURE[known].label}", EXPOSURE[known].write)
    return Meaning(name.replace("_", " "))


def _split(name: str) -> Iterator[tuple[str, str]]:
    """Yield a measure's name in two at each of its dots: that of a column, or an attack, may hold dots too."""
    yield from ((name[:place], name[place + 1 :]) for place, letter in enumerate(name) if letter == ".")


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
    return tuple(measure_row(evidence, n) for n in most), tuple(measure_row(evidence, n) for n in rest)


def glossary(evidence: Iterable[Evidence]) -> tuple[Meaning, ...]:
    """Meanings, by label, of the measures that occur and need words."""
    used = {(e.control.id, name) for e in evidence for name in e.measures}
    found = {meaning.label: meaning for meaning in (_known(*one) for one in used) if meaning and meaning.words}
    return tuple(sorted(found.values(), key=lambda m: m.label.lower()))


def _known(control: str, name: str) -> Meaning | None:
    """Meaning of a measure of the control, where it has one by that very name."""
    return _OWN.get(control, {}).get(name) or KNOWN.get(name)


def _is_bound(name: str, measures: Mapping[str, float]) -> bool:
    base, _, end = name.rpartition("_")
    return end in ("low", "high") and base in measures


def measure_row(evidence: Evidence, name: str) -> Row:
    """One measure of the evidence, with its interval."""
    measures = evidence.measures
    known = _known(evidence.control.id, name) or meaning_of(name)
    low, high = measures.get(f"{name}_low"), measures.get(f"{name}_high")
    interval = "" if low is None or high is None else f"{known.write(low)} to {known.write(high)}"
    return Row(name, known.label, known.write(measures[name]), interval)
