"""What is measured about single people and groups of them: slices, fairness, membership, attributes."""

from secmlops.report import figures
from secmlops.report.meanings.meaning import Meaning, counts

_SLICES = {
    "overall_error": Meaning(
        "error of all rows", figures.score, "Brier score of a row, or its squared residual in variances of the target."
    ),
    "worst_error": Meaning("error in the worst slice", figures.score),
    "worst_ratio": Meaning(
        "worst slice against all rows",
        figures.number,
        "How many times the error of all rows the model makes in the worst range of one column or two. 1 where none "
        "stands out more than chance explains.",
    ),
    "worst_share": Meaning("share of rows in the worst slice", figures.share),
    "worst_bias": Meaning(
        "largest one-sided error of a slice",
        figures.score,
        "Mean difference of outcome and prediction in the slice where it is largest. 0 where none stands out.",
    ),
}
_FAIRNESS = {
    "demographic_parity_difference": Meaning(
        "difference in the share called an event",
        figures.share,
        "Highest less lowest share over the groups that the model calls an event (demographic parity).",
    ),
    "demographic_parity_ratio": Meaning(
        "ratio of the shares called an event",
        figures.score,
        "Lowest over highest share. Below 0.8 some authorities ask for reasons (the four-fifths rule).",
    ),
    "equal_opportunity_difference": Meaning(
        "difference in the share of events found",
        figures.share,
        "Highest less lowest share over the groups of true events that are found (equal opportunity).",
    ),
    "false_positive_difference": Meaning("difference in the share of false alarms", figures.share),
    "equalized_odds_difference": Meaning("the wider of events found and false alarms", figures.share),
    "predictive_parity_difference": Meaning("difference in the share of calls that are right", figures.share),
    "calibration_difference": Meaning("difference in the mean error", figures.score),
    "mean_prediction_difference": Meaning("difference in the mean prediction", figures.score),
    "mitigated_difference": Meaning(
        "left with a threshold for each group",
        figures.share,
        "Difference in the share called an event that thresholds for each group would leave.",
    ),
    "mitigation_price": Meaning("balanced accuracy that this costs", figures.share),
}
_MEMBERSHIP = {
    "attack_auc": Meaning(
        "training rows told from others, AUC of the strongest attack",
        figures.score,
        "How well an attacker tells from the model's answers whether a row was learned from. 0.5 is a coin toss.",
    ),
    "tpr_at_1pct": Meaning("training rows found at 1 % false alarms", figures.share),
    "tpr_at_0.1pct": Meaning("training rows found at 0.1 % false alarms", figures.share),
    "epsilon_low": Meaning(
        "least epsilon not refuted",
        figures.number,
        "Whoever promised differential privacy with a smaller epsilon than this has been proved wrong.",
    ),
    "promised_epsilon": Meaning("epsilon that training promised", figures.number),
}
_ATTRIBUTES = {
    "advantage": Meaning(
        "sensitive values guessed thanks to the model",
        figures.share,
        "Share of people whose sensitive value is guessed right with the model's answers, less that without them.",
    ),
    "imputed": Meaning("guessed right without the model", figures.share),
    "attacked": Meaning("guessed right with the model", figures.share),
}
_INVERSION = {
    "reconstruction_gain": Meaning(
        "nearer to those learned from, thanks to the model",
        figures.share,
        "Share of the distance between public class means and those of the training rows that reconstructions save. 0 "
        "or less: the model tells no more than is known.",
    ),
    "nearer": Meaning(
        "training rows among those nearest to reconstructions",
        figures.share,
        "Of the rows nearest to reconstructions of the classes, how many were learned from. Half is chance.",
    ),
    "distance": Meaning("reconstructed classes, distance from those learned from", figures.number),
    "public_distance": Meaning("the same of what is publicly known", figures.number),
    "marginal_distance": Meaning("the same of the mean of all rows", figures.number),
}
_POISON = {
    "trigger_explained": Meaning("rows that honest models turn with the trigger", figures.share),
    "trigger_features": Meaning("columns of the trigger", figures.count),
    "anomaly": Meaning(
        "anomaly of the most suspicious pattern",
        figures.number,
        "How far a pattern of values turns rows beyond what honest models explain, in robust standard deviations.",
    ),
    **{
        f"trigger_success_at_{percent}": Meaning(
            f"other rows turned by a trigger in {percent} % of rows", figures.share
        )
        for percent in ("0.5", "1", "2", "5", "10")
    },
    "imitation": Meaning("agreement of the model that stands in", figures.score),
    "random_loss": Meaning("balanced accuracy lost to random flips, percent of rows", figures.share),
    "targeted_loss": Meaning("balanced accuracy lost to targeted flips, percent of rows", figures.share),
    "random_per_percent": Meaning("balanced accuracy lost per percent of random flips", figures.share),
    "targeted_per_percent": Meaning(
        "balanced accuracy lost per percent of targeted flips",
        figures.share,
        "What each percent of training rows with a wrong label costs, when all of them are of the rarest class.",
    ),
}
_COUNTS = {
    "worse_slices": "slices in which the model is worse",
    "biased_slices": "slices in which it errs to one side",
    "tried": "slices counted",
    "sensitive_columns": "sensitive columns looked at",
    "groups": "groups compared",
    "attacks": "attacks tried",
    "references": "reference models",
    "own_kind": "of the model's own kind",
    "checked_packages": "packages looked up",
    "unchecked_packages": "packages not looked up",
    "online_packages": "packages asked about over the network",
    "advisories": "advisories",
    "vulnerabilities": "known vulnerabilities",
    "vulnerable_packages": "packages that have one",
    "advisory_age_days": "days since the newest advisory",
}
EXPOSURE = {**_SLICES, **_FAIRNESS, **_MEMBERSHIP, **_ATTRIBUTES, **_INVERSION, **_POISON, **counts(_COUNTS)}
