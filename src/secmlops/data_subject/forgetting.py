"""How the models of a project forget: the ways, what each would take, and the cheapest honest one set to work."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from secmlops.core.digest import Digest
from secmlops.core.errors import SecmlopsError
from secmlops.core.evidence import Evidence
from secmlops.data_subject.past import TRAINING, PastModel
from secmlops.lifecycle.journey import Journey
from secmlops.runtime.examples import Examples
from secmlops.runtime.row_keys import Keys, row_keys
from secmlops.runtime.signature import Signature
from secmlops.training.curve import curve_from_json
from secmlops.training.job import TrainingJob
from secmlops.training.unlearning.mended import MENDABLE
from secmlops.training.unlearning.planner import Estimate, Trained, Way, cheapest, plan

MEMORY = "memory"
GONE = "the earlier training rows cannot be rebuilt"
NOTHING_LEFT = "the earlier model left nothing behind to mend it by"
_SAME = {"training settings": "the settings of training", "libraries": "the libraries", "entry": "the training code"}


@dataclass(frozen=True, slots=True)
class Forgetting:
    """From an earlier model to one without some rows. ``before`` is the journey as it was then, with its rows."""

    past: PastModel
    before: Journey

    def mended(self, job: TrainingJob, materials: Mapping[str, Digest]) -> TrainingJob:
        """Return the ``job`` of training again with the memory of the earlier model, where a cheaper way is open."""
        if cheapest(self.ways(job, materials)).way is Way.RETRAINING:
            return job
        return replace(job, memory=self.before.runner.product(self.past.training, MEMORY))

    def ways(self, job: TrainingJob, materials: Mapping[str, Digest]) -> tuple[Estimate, ...]:
        """All ways from the earlier model to what the ``job`` makes of these ``materials``, the one to take first."""
        obstacle, earlier = self._obstacle(job, materials), self.past.rows(self.before)
        trained = Trained(
            model=job.model,
            rows=len(job.train),
            inputs=_width(job.signature),
            seconds=self.past.training.measures.get("seconds", 0.0),
            fit_seconds=self._fit_seconds(),
            classes=len(job.signature.classes),
            obstacle=obstacle or ("" if earlier else GONE),
        )
        return plan(trained, changed_rows(earlier, job.train) if earlier else len(job.train))

    def _obstacle(self, job: TrainingJob, materials: Mapping[str, Digest]) -> str:
        training = self.past.training
        if job.model in MENDABLE and not (MEMORY in training.products and self.before.runner.stored(training)):
            return NOTHING_LEFT
        changed = [name for role, name in _SAME.items() if training.materials.get(role) != materials.get(role)]
        return f"changed since: {', '.join(changed)}" if changed else ""

    def _fit_seconds(self) -> float:
        """Seconds of processor time that fitting the earlier model took, 0 where its curve is gone."""
        rows = self.past.rows(self.before)
        try:
            curve = self.before.product(TRAINING, "curve")
        except SecmlopsError:
            return 0.0
        if rows is None:
            return 0.0
        holdout, signature = len(self.before.prepared.holdout), self.before.prepared.signature
        points = curve_from_json(curve, train=len(rows), holdout=holdout, outputs=len(signature.classes) or 1)
        return points[-1].seconds if points else 0.0


def way_taken(training: Evidence) -> str:
    """Say how a model came to know nothing of some rows, by the evidence of its training, and how sure that is."""
    told = training.measures
    if "grown_trees" in told:
        return f"{Way.TREES}: exact, {told['grown_trees']:.0f} trees grown again"
    if "distance_bound" in told:
        return f"{Way.NEWTON}: bounded, weights within {told['distance_bound']:.1g} of {Way.RETRAINING}"
    return f"{Way.RETRAINING} without the rows: exact, by definition"


def changed_rows(before: Examples, now: Examples) -> int:
    """How many rows are in one of the two and not in the other."""
    keys, sides = np.concatenate([_keys(before), _keys(now)]), np.repeat([1, -1], [len(before), len(now)])
    _, places = np.unique(keys, return_inverse=True)
    return int(np.abs(np.bincount(places, weights=sides)).sum())


def _keys(examples: Examples) -> Keys:
    inputs = examples.inputs
    return row_keys([*inputs.numeric.T, *inputs.categorical.T, examples.target], len(examples))


def _width(signature: Signature) -> int:
    return len(signature.numeric) + sum(len(feature.categories) for feature in signature.categorical)
