"""What is measured of a compressed model beside its score."""

from secmlops.report import figures
from secmlops.report.meanings.meaning import Meaning

COMPRESSION = {
    "agreement": Meaning(
        "answers as before compression",
        figures.share,
        "Share of rows that get the class they got before; of quantities, how much of the one model's variation "
        "the other explains.",
    ),
    "size_ratio": Meaning("size, of what it was", figures.share),
    "auc_loss": Meaning("AUC that compression costs", figures.score),
    "r2_loss": Meaning("R squared that compression costs", figures.score),
    "accuracy_loss": Meaning("accuracy that compression costs", figures.score),
    "export_difference": Meaning("largest difference of the uncompressed model from its estimator", figures.number),
    "fairness_gap": Meaning(
        "widest difference among groups",
        figures.share,
        "Of the share called an event, or of those found, or of alarms.",
    ),
    "membership_auc": Meaning("training rows told from others, AUC", figures.score),
    "row_microseconds": Meaning("microseconds for a row", figures.number),
    "batch_microseconds": Meaning("microseconds for 1,000 rows", figures.count),
    "ways": Meaning("ways of compression tried", figures.count),
}
