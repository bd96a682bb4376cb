"""What another threshold for each group would even out, and what that costs (Hardt, Price & Srebro, NeurIPS 2016)."""

from dataclasses import dataclass

import numpy as np

from secmlops.assurance.metrics import Confusion, Flags, Floats, balanced_accuracy, once
from secmlops.assurance.rates import Groups
from secmlops.assurance.scores import called


@dataclass(frozen=True, slots=True)
class Mitigation:
    """What is left of a ``difference`` of selection rates, and the balanced accuracy that it costs (``price``)."""

    difference: float
    price: float


def even_selection(
    train: tuple[Floats, Groups], holdout: tuple[Floats, Groups], event: Flags, threshold: float = 0.5
) -> Mitigation:
    """Give each group the threshold at which the training rows of all groups are selected alike; measure it elsewhere.

    ``train`` and ``holdout`` are probabilities of the event [n] with their groups, of the same names in the same order;
    ``event`` [n] is the truth of the holdout. Rows of no group keep ``threshold``.
    """
    probability, groups = train
    share = float((probability >= threshold).mean())
    per_group = [np.quantile(probability[groups.members[:, g] > 0], 1 - share) for g in range(len(groups.names))]
    judged, members = holdout[0], holdout[1].members
    threshold_of = np.where(members.any(axis=1), members @ np.array(per_group), threshold)
    chosen = judged >= threshold_of
    selection = (chosen @ members) / members.sum(axis=0)
    plain = called(np.stack([1 - judged, judged], axis=1), threshold).astype(bool)
    price = _balanced(event, plain) - _balanced(event, chosen)
    return Mitigation(float(np.ptp(selection)), price)


def _balanced(event: Flags, chosen: Flags) -> float:
    confusion = Confusion.of(event.astype(np.int64), chosen.astype(np.int64), once(len(event)))
    return float(balanced_accuracy(confusion)[0])
