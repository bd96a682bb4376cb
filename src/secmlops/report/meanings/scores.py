"""How good predictions are, and how sure."""

from secmlops.report import figures
from secmlops.report.meanings.meaning import Meaning

SCORES = {
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
    "ece_before": Meaning("the same without the map of recalibration", figures.score),
    "ece_debiased_before": Meaning("the same, chance taken off", figures.score),
    "brier_before": Meaning("Brier score without the map of recalibration", figures.score),
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
    "complexity_shortfall": Meaning(
        "gain from another capacity",
        figures.score,
        "By how much a simpler or richer model of the same kind is better on the holdout, on rows that had no say in "
        "which one it is. At most 0 where none is.",
    ),
    "complexity_best": Meaning("capacity that does best", figures.number, "Levels of each tree, or C of a line."),
}
