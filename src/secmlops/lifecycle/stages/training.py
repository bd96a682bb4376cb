"""The training stage: the model is made in the sandbox, from protected rows and nothing else."""

import platform
from collections.abc import Generator, Mapping
from importlib.metadata import PackageNotFoundError, version

import msgspec
import numpy as np

from secmlops.assurance.evasion import Evasion
from secmlops.attack.evasion.adversary import Adversary
from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence
from secmlops.core.subject import SubjectKind
from secmlops.data.values import codes
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.runner import Step
from secmlops.lifecycle.sources import read_source
from secmlops.project.units import parse_bytes, parse_duration
from secmlops.training.job import FRACTIONS, Entry, TrainingJob
from secmlops.training.robust.robustness import Robustness
from secmlops.training.sandbox.isolation import Requirement
from secmlops.trust.canonical import digest_of

LIBRARIES = (
    "lightgbm",
    "numpy",
    "onnx",
    "opacus",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "secmlops",
    "skl2onnx",
    "torch",
    "xgboost",
)
"""Libraries whose version may change what comes out of training."""


def training_steps(journey: Journey) -> Generator[Step, Evidence | None, None]:
    """Yield the steps of the stage, and take in their evidence."""
    if journey.learnt is None:
        return
    entry = entry_of(journey)
    materials = {
        "data": journey.learnt.digest,
        "split": journey.split_digest,
        "training settings": journey.settings_digest(msgspec.structs.replace(journey.project.training, purpose=None)),
        "libraries": _libraries(),
    }
    if robustness := robustness_of(journey):
        materials["adversary"] = digest_of(msgspec.to_builtins(robustness.adversary))
    if entry:
        materials["entry"] = Digest.of(entry.source)
    yield Step(
        control=journey.controls["training.run"],
        subject=journey.learnt,
        artifact=lambda: _mended(journey, job_of(journey, entry), materials),
        materials=materials,
        makes=("model.onnx", SubjectKind.MODEL, journey.project.name),
    )


def entry_of(journey: Journey) -> Entry | None:
    """Return the user's training code, its bytes read now, or None for a built-in model."""
    named = journey.project.training.entry
    if named is None:
        return None
    file, _, function = named.rpartition(":")
    return Entry(read_source(journey.folder, file), function, file)


def _mended(journey: Journey, job: TrainingJob, materials: Mapping[str, Digest]) -> TrainingJob:
    return journey.mending(job, materials) if journey.mending else job


def robustness_of(journey: Journey) -> Robustness | None:
    """Return what the model is to withstand, if anything: by the adversary whom assurance.evasion will play."""
    settings = journey.project.training.robust
    control = journey.controls[Evasion.id]
    adversary = control.adversary if isinstance(control, Evasion) else Adversary()
    return Robustness(settings, adversary) if settings else None


def job_of(journey: Journey, entry: Entry | None) -> TrainingJob:
    """Return what training is asked to do."""
    settings, prepared = journey.project.training, journey.prepared
    return TrainingJob(
        train=prepared.train,
        holdout=prepared.holdout.inputs,
        signature=prepared.signature,
        model=str(settings.model) if settings.model else None,
        entry=entry,
        seed=settings.seed,
        requirement=Requirement(
            memory_bytes=parse_bytes(settings.sandbox.memory),
            seconds=parse_duration(settings.sandbox.time).total_seconds(),
            accept=settings.sandbox.accept,
        ),
        frame=settings.frame,
        references=settings.references,
        robust=robustness_of(journey),
        compress=settings.compress,
        recalibrate=settings.recalibrate,
        reweigh=settings.reweigh,
        private=settings.private,
        rows_of_a_person=_rows_of_a_person(journey) if settings.private else 1,
        fractions=() if settings.private else FRACTIONS,  # each would be another look at the rows
    )


def _rows_of_a_person(journey: Journey) -> int:
    """Most rows of one person in the source table; a row that names nobody is a person's of its own."""
    named = journey.project.data.subject_id
    if named is None:
        return 1
    persons = codes(journey.raw_dataset.table[named].drop_null())
    return int(np.bincount(persons).max()) if len(persons) else 1


def _libraries() -> Digest:
    found: dict[str, str] = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return digest_of(found)
