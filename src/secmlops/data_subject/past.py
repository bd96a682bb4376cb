"""A model of earlier on, with the rows it learnt from: rebuilt from what the vault still holds, and checked."""

from dataclasses import dataclass, field

import numpy as np

from secmlops.core.digest import Digest
from secmlops.core.errors import SecmlopsError
from secmlops.core.evidence import Evidence
from secmlops.core.policy import Attested
from secmlops.core.subject import SubjectKind
from secmlops.data.anonymise.control import ANONYMISED, Anonymise
from secmlops.data_subject.person import Commitments, Mask
from secmlops.lifecycle.journey import SOURCE, Journey
from secmlops.pipeline import Silence, journey_of
from secmlops.runtime.examples import Examples
from secmlops.training.job import TrainingJob
from secmlops.workspace import Workspace

TRAINING, PROTECTION, ANONYMISATION = "training.run", "data.protect", Anonymise.id


@dataclass(frozen=True, slots=True)
class PastModel:
    """A model, the source and the protected table it was made of, and the evidence of what was done on the way."""

    model: Digest
    source: Digest
    protected: Digest
    training: Evidence = field(repr=False)
    protection: Evidence = field(repr=False)
    anonymisation: Evidence | None = field(default=None, repr=False)

    def journey(self, workspace: Workspace) -> Journey:
        """Return the journey as it was when the model had been trained; raises InputError for a source that is gone."""
        journey = journey_of(workspace, Silence())
        journey.source = workspace.vault.read(self.source, SOURCE)
        journey.evidence = {PROTECTION: self.protection, TRAINING: self.training}
        if self.anonymisation is not None:
            journey.evidence[ANONYMISATION] = self.anonymisation
        return journey

    def rows(self, journey: Journey) -> Examples | None:
        """Rows that the model learnt from; None when they cannot be rebuilt any more.

        They are when those that the table is divided into today are, by their digest, those of the evidence.
        """
        try:
            prepared = journey.prepared
        except (SecmlopsError, KeyError):
            return None
        job = TrainingJob(prepared.train, prepared.holdout.inputs, prepared.signature, "any")
        return prepared.train if job.materials()["train"] == self.training.materials.get("train") else None

    def learnt_rows(self, journey: Journey, commitments: Commitments, person: Digest) -> Mask | None:
        """Which training rows [n] of the model are of the person; None when that cannot be told any more."""
        subject = journey.project.data.subject_id
        if subject is None or self.rows(journey) is None:
            return None
        try:
            if journey.learnt_dataset.table.num_rows != journey.consented.table.num_rows:
                return None  # rows were suppressed: no row number can be trusted
            theirs = commitments.rows(journey.consented.table[subject], person)
        except (SecmlopsError, KeyError):
            return None
        rows = journey.prepared.train_rows
        return theirs[rows] if len(theirs) > int(np.max(rows)) else None


def past_models(evidence: list[Attested]) -> list[PastModel]:
    """Every model that the ledger knows with the tables it was made of, oldest first."""
    told = [a.evidence for a in evidence if a.roles]
    protections = {e.products["protected"]: e for e in told if e.control.id == PROTECTION and "protected" in e.products}
    anonymisations = {e.products[ANONYMISED]: e for e in told if e.control.id == ANONYMISATION and e.products}
    models: dict[tuple[Digest, Digest], PastModel] = {}
    for training in told:
        made = training.subject.kind is SubjectKind.MODEL and training.control.id == TRAINING
        learnt = training.materials.get("data") if made else None
        anonymisation = anonymisations.get(learnt) if learnt else None
        protected = anonymisation.subject.digest if anonymisation else learnt
        if protected in protections:
            protection = protections[protected]
            source = protection.subject.digest
            model = PastModel(training.subject.digest, source, protected, training, protection, anonymisation)
            models[model.model, protected] = model
    return list(models.values())
