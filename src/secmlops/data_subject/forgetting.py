"""Which ways the models of a project have to forget, by the evidence of their training."""

from secmlops.data_subject.past import TRAINING
from secmlops.lifecycle.journey import Journey
from secmlops.training.unlearning.planner import Estimate, Trained, plan


def ways_to_forget(journey: Journey, rows: int) -> tuple[Estimate, ...]:
    """Ways for ``rows`` rows, the one to be taken first.

    The division into training and holdout is drawn over all persons, and scales and categories are learnt from the
    rows: so what stays open for a model of the pipeline is training again. It is estimated by what training just took.
    """
    settings, training = journey.project.training, journey.evidence[TRAINING]
    learnt = int(training.measures["rows"])
    trained = Trained(
        model=str(settings.model) if settings.model else None,
        rows=learnt,
        inputs=int(training.measures["features"]),
        seconds=training.measures["seconds"],
        classes=len(journey.prepared.signature.classes),
        same_division=False,
        fixed_design=False,
    )
    return plan(trained, min(rows, learnt))
