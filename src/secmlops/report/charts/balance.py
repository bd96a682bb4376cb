"""Class balance: how many rows of the holdout are of each class, as far as the evidence tells."""

from secmlops.core.evidence import Evidence
from secmlops.core.task import Task
from secmlops.report import figures
from secmlops.report.charts.bars import Parts, part_chart
from secmlops.report.charts.picture import Picture, undrawn

TITLE = "How frequent is the event?"


def balance(evidence: Evidence | None, task: Task) -> Picture:
    """Draw the events among the rows of the holdout, or the share of the commonest class where there are more."""
    if not task.is_classification:
        return undrawn(TITLE, "The target is a quantity: there are no classes to count.")
    measures = evidence.measures if evidence else {}
    rows = measures.get("rows")
    if rows is None:
        return undrawn(TITLE, "The classes of the holdout have not been counted.")
    if task is Task.BINARY and "events" in measures:
        named = (("event", measures["events"]), ("no event", rows - measures["events"]))
        caption = "Rows of the holdout. A rare event makes accuracy look good for a model that never sees it coming."
    elif "baseline_accuracy" in measures:
        commonest = measures["baseline_accuracy"] * rows
        named = (("class that is commonest in training", commonest), ("all other classes", rows - commonest))
        caption = "Rows of the holdout. A model that always names the commonest class is right for the filled part."
    else:
        return undrawn(TITLE, "The classes of the holdout have not been counted.")
    whole = Parts("holdout rows", tuple(amount for _, amount in named))
    svg = part_chart("balance", TITLE, [whole], [name for name, _ in named], figures.count)
    told = tuple((name, figures.count(amount), figures.share(amount / rows)) for name, amount in named)
    return Picture(TITLE, svg, caption, ("class", "rows", "share"), told)
