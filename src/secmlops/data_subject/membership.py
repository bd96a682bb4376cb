"""Whether an attacker can tell that the forgotten rows were learnt from: of the model before, and of the one after."""

import numpy as np
import numpy.typing as npt

from secmlops.attack.membership import Candidates, expected_likelihood, rmia, threshold
from secmlops.attack.roc import Roc
from secmlops.core.digest import Digest
from secmlops.data_subject.past import PastModel
from secmlops.data_subject.person import Commitments
from secmlops.lifecycle.journey import Journey
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs

_MOST_OTHERS = 1500


def membership_measures(
    past: PastModel, before: Journey, after: Journey, commitments: Commitments, person: Digest
) -> dict[str, float]:
    """Membership inference on the person's training rows, against rows that the respective model never saw.

    ``threshold_auc`` (Yeom et al. 2018) and ``rmia_auc`` (Zarifzadeh et al. 2024), each with ``_before`` and
    ``_after``: the chance that a forgotten row looks more like a member than a row that was never learnt from; 0.5 is
    what an attacker guesses without looking. With few rows it scatters widely: ``forgotten_rows`` says how many. Empty
    where this cannot be measured: for a regression, rows that were not learnt from or cannot be told, or features that
    changed meanwhile.
    """
    theirs = past.learnt_rows(before, commitments, person)
    same = _features(before) == _features(after)
    classes = before.prepared.signature.classes
    if theirs is None or not theirs.any() or not classes or not same or classes != after.prepared.signature.classes:
        return {}
    forgotten = before.prepared.train.take(np.flatnonzero(theirs))
    told = {"forgotten_rows": float(len(forgotten))}
    for moment, journey in (("before", before), ("after", after)):
        told |= {f"{name}_{moment}": auc for name, auc in _attack(journey, forgotten).items()}
    return told


def _features(journey: Journey) -> list[tuple[str, str]]:
    return [(feature.name, str(feature.kind)) for feature in journey.prepared.signature.features]


def _attack(journey: Journey, forgotten: Examples) -> dict[str, float]:
    seed = journey.project.training.seed
    generator = np.random.default_rng(seed)
    unseen = journey.prepared.holdout
    others = unseen.take(generator.permutation(len(unseen))[:_MOST_OTHERS])
    member = np.arange(len(forgotten) + len(others)) < len(forgotten)
    target: npt.NDArray[np.int64] = np.concatenate([forgotten.target, others.target]).astype(np.int64)
    candidates = Candidates(_joined(forgotten.inputs, others.inputs), target, member)
    outputs = journey.predictor.predict(candidates.inputs)
    expected = expected_likelihood(candidates, len(journey.prepared.signature.classes), generator)
    return {
        "threshold_auc": Roc.of(threshold(outputs, target), member).auc,
        "rmia_auc": Roc.of(rmia(outputs, target, expected), member).auc,
    }


def _joined(first: Inputs, second: Inputs) -> Inputs:
    return Inputs(
        np.concatenate([first.numeric, second.numeric]), np.concatenate([first.categorical, second.categorical])
    )
