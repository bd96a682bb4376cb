"""What the assurance stage measures beside scores: guard, reasons, watch, and what hardened outputs give away."""

from secmlops.report import figures
from secmlops.report.meanings.meaning import Meaning, counts

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
    "agreement": Meaning(
        "agreement of reasons with the model",
        figures.score,
        "Correlation of what reasons tell with how the answer changes when features are replaced by usual ones. 1 is "
        "full agreement, 0 is what reasons that say nothing reach.",
    ),
    "deletion": Meaning(
        "lost sooner by taking features away as told",
        figures.share,
        "Than in random order, as a share of all contributions of a row.",
    ),
    "insertion": Meaning("gained sooner by putting features in as told", figures.share),
    "steepness": Meaning(
        "how steeply reasons change, at worst",
        figures.number,
        "Change of reasons, in shares of their mean size, for each standard deviation by which a row is moved.",
    ),
    "steepness_median": Meaning("the same, at the median", figures.number),
    "strongest_interaction": Meaning(
        "strongest interaction of two features",
        figures.score,
        "Friedman and Popescu's H: 0 where the effects of the two add up, 1 where neither has one of its own.",
    ),
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
_EVASION = {
    "clean_accuracy": Meaning("answers right as the rows are", figures.share),
    "robust_accuracy": Meaning(
        "answers that stay right under changes of cost",
        figures.share,
        "Share of rows that are right, and stay so however they are changed at this cost. 1 is a standard deviation.",
    ),
    "masking": Meaning("rows turned only by attacks that see no slopes", figures.share),
    "median_cost": Meaning("cost of a change that turns an answer (median)", figures.number),
}
HARDENING = {
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
    "queries_for_90pct": Meaning("queries that buy a copy of 90 %", figures.count),
    "queries_for_95pct": Meaning("queries that buy a copy of 95 %", figures.count),
    "queries_for_99pct": Meaning("queries that buy a copy of 99 %", figures.count),
    "auc_loss": Meaning("AUC that users lose", figures.score),
    "r2_loss": Meaning("R squared that users lose", figures.score),
    "brier_loss": Meaning("Brier score that users lose", figures.score),
    "changed_labels": Meaning("labels that change", figures.share),
}
_COUNTS = {
    "calibration_rows": "rows that calibrate the guard",
    "queries": "queries an attacker put for a row",
    "evaluations": "rows the model answers for one explanation",
    "queries_until_alarm": "queries until a thief is noticed (median)",
    "honest_clients": "simulated honest clients",
    "false_alarms": "of them taken for a thief",
}
ASSURANCE = {
    **_GUARD,
    **{f"detected.{kind}": Meaning(f"{rows}, flagged", figures.share) for kind, rows in _STRANGE.items()},
    **{f"auc.{kind}": Meaning(f"{rows}, AUC", figures.score) for kind, rows in _STRANGE.items()},
    **_EXPLAIN,
    **_EVASION,
    **_WATCH,
    **{f"unchanged.{name}": meaning for name, meaning in HARDENING.items()},
    **counts(_COUNTS),
}
