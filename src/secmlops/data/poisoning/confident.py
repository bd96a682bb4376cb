"""Confident learning: how many labels are wrong, and which (Northcutt, Jiang and Chuang, JAIR 70, 2021).

An example counts for the class whose probability most exceeds the mean probability that this class has among its own
examples. These counts, scaled to the given labels, estimate the joint distribution of given and true labels; as many
examples are then pruned for each pair of classes, those with the largest margin first.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Confident:
    """``suspicious`` examples [n], and the ``joint`` [k, k] share of examples by given and estimated true class."""

    suspicious: Mask
    joint: Matrix

    @property
    def error_rate(self) -> float:
        """Estimated share of wrong labels."""
        return float(1 - np.trace(self.joint))


def confident_learning(probabilities: Matrix, labels: Labels) -> Confident:
    """Judge given ``labels`` [n] by out-of-fold ``probabilities`` [n, k], pruning by noise rate.

    An example stays whose label is the likeliest class anyway.
    """
    joint = _joint(probabilities, labels)
    suspicious = np.zeros(len(labels), bool)
    for given, true in zip(*np.nonzero(~np.eye(len(joint), dtype=bool)), strict=True):
        own = np.flatnonzero(labels == given)
        margin = probabilities[own, true] - probabilities[own, given]
        wrong = round(float(joint[given, true]) * len(labels))
        suspicious[own[np.argsort(-margin, kind="stable")[:wrong]]] = True
    return Confident(suspicious & (probabilities.argmax(axis=1) != labels), joint)


def _joint(probabilities: Matrix, labels: Labels) -> Matrix:
    counts = np.bincount(labels, minlength=probabilities.shape[1])
    usual = np.array([probabilities[labels == k, k].mean() if counts[k] else 1.0 for k in range(len(counts))])
    confident = np.where(probabilities >= usual - _ROUNDING, probabilities, -1)
    sure = confident.max(axis=1) >= 0
    joint = np.zeros((len(counts), len(counts)))
    np.add.at(joint, (labels[sure], confident.argmax(axis=1)[sure]), 1)
    np.fill_diagonal(joint, np.maximum(joint.diagonal(), 1))
    joint *= (counts / joint.sum(axis=1))[:, None]
    shares: Matrix = joint / joint.sum()
    return shares
