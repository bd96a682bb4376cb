"""What the training stage measures."""

from secmlops.report import figures
from secmlops.report.meanings.meaning import Meaning, counts

_COUNTS = {
    "packages": "packages",
}
_OTHERS = {
    "seconds": Meaning("time in the sandbox", figures.seconds),
    "cpu_seconds": Meaning("processor time in the sandbox", figures.seconds),
    "peak_memory_bytes": Meaning("memory in the sandbox, at most", figures.size),
    "scratch_in_memory": Meaning(
        "its files in memory only", figures.yes_no, "What the training read and wrote lay in memory, not on a disk."
    ),
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
_MENDED = {
    "grown_trees": Meaning(
        "trees grown again", figures.count, "The others saw none of the rows that left, and stay as they were."
    ),
    "residual": Meaning(
        "gradient left by the Newton step", figures.number, "Its norm; 0 would be the weights of training again."
    ),
    "residual_bound": Meaning("bound on it, proved beforehand", figures.number),
    "distance_bound": Meaning(
        "distance from training again, at most", figures.number, "Of the weights, in Euclidean norm."
    ),
}
_REWEIGHED = {
    "plain_difference_on_training": Meaning(
        "difference between groups, without reweighing",
        figures.share,
        "Of the shares called a class, on training rows that the two models compared did not see.",
    ),
    "reweighed_difference_on_training": Meaning("the same, with reweighing", figures.share),
    "reweighing_price_on_training": Meaning("balanced accuracy that it costs", figures.score),
}
_ROBUST = {
    "robust_budget": Meaning("cost of the changes trained against", figures.number),
    "robust_rounds": Meaning(
        "rounds of robust training kept", figures.count, "With 0 none was worth its price: the model is the plain one."
    ),
    "robust_accuracy_on_training": Meaning(
        "right answers that such changes leave",
        figures.share,
        "Of training rows put by: a guarantee of linear models, of others what a search left.",
    ),
    "clean_accuracy_on_training": Meaning("right answers to the rows put by as they are", figures.share),
    "plain_robust_accuracy_on_training": Meaning("left right without robust training", figures.share),
    "plain_clean_accuracy_on_training": Meaning("right as they are without robust training", figures.share),
}
_PRIVATE = {
    "private.epsilon": Meaning(
        "epsilon promised",
        figures.number,
        "Differential privacy: no model is more than exp(epsilon) times likelier with a row than without it, "
        "but for a chance of delta. By the accountant.",
    ),
    "private.delta": Meaning("delta promised", figures.number),
    "private.noise_multiplier": Meaning(
        "noise of a step", figures.number, "In units of what one person can change in it."
    ),
    "private.steps": Meaning("noisy steps", figures.count),
    "private.sample_rate": Meaning("chance of a row to be in a step", figures.share),
    "private.clip_norm": Meaning("largest norm of a row, or of its gradient", figures.number),
    "private.rows_per_person": Meaning("rows of a person that are hidden together", figures.count),
    "private.spent_on_preprocessing": Meaning(
        "epsilon of finding bounds and categories",
        figures.number,
        "Within the whole, as if nothing else had been done.",
    ),
}
TRAINING = {**counts(_COUNTS), **_OTHERS, **_MENDED, **_REWEIGHED, **_ROBUST, **_PRIVATE}
