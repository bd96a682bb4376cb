"""What a table says of evidence: its outcome, and the measures that count most."""

from rich.text import Text

from secmlops.cli.progress import MARKS
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.policy import Reason

HEADLINES = {
    "design.threats": ("threats", "unanswered"),
    "data.schema": ("rows", "columns", "missing_share"),
    "data.personal": ("personal_columns", "unprotected_columns"),
    "data.protect": ("protected_cells", "dropped_columns"),
    "data.anonymise": ("k", "prosecutor_risk", "classes"),
    "data.leakage": ("strongest_feature_auc", "shared_rows"),
    "data.governance": ("withdrawn_rows", "refused_rows"),
    "data.quality": ("near_duplicate_share", "outlier_share"),
    "data.balance": ("minority_share", "minority_rows", "largest_share"),
    "data.skew": ("serving_psi", "earlier_psi", "holdout_psi"),
    "data.label_errors": ("suspicious_labels", "suspicious_slices"),
    "data.poisoning": ("triggers", "weighty_copies"),
    "training.run": ("rows", "seconds"),
    "assurance.performance": ("auc", "r2", "accuracy"),
    "assurance.calibration": ("ece", "slope"),
    "assurance.fit": ("gap",),
    "assurance.slices": ("worst_ratio", "worst_share"),
    "assurance.fairness": ("demographic_parity_ratio", "equal_opportunity_difference"),
    "assurance.membership": ("attack_auc", "tpr_at_1pct"),
    "assurance.attributes": ("advantage",),
    "assurance.evasion": ("median_cost", "robust_accuracy_at_0.25"),
    "assurance.hardening": ("unchanged.membership_auc",),
    "assurance.inversion": ("reconstruction_gain", "nearer"),
    "assurance.backdoor": ("triggers", "anomaly"),
    "assurance.poison_price": ("targeted_per_percent", "trigger_success_at_1"),
    "assurance.compression": ("agreement", "size_ratio"),
    "release.parity": ("max_difference", "class_changes"),
    "release.scan": ("files", "dangerous"),
    "release.bom": ("components", "without_licence"),
    "release.vulnerabilities": ("vulnerabilities", "unchecked_packages"),
    "release.provenance": ("dependencies",),
    "release.sign": ("files",),
}
"""The measures that tell most about a control, for a table that has room for two."""

_SHOWN = 2


def outcome(of: Outcome) -> Text:
    """Outcome in colour, and readable without."""
    mark, style, word = MARKS[of]
    return Text(f"{mark} {word}", style)


def headline(evidence: Evidence) -> str:
    """Return the measures that count most for this control, as ``name value``."""
    wanted = [m for m in HEADLINES.get(evidence.control.id, ()) if m in evidence.measures]
    names = (wanted or list(evidence.measures))[:_SHOWN]
    return ", ".join(f"{name} {number(evidence.measures[name])}" for name in names)


def obstacle(reason: Reason) -> str:
    """What keeps a gate shut: the rule that was to hold, and what was found instead."""
    return f"required: {reason.rule}; found: {reason.why}"


def number(value: float) -> str:
    """Return a measure for people: whole numbers whole, others with four digits that count."""
    return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.4g}"
