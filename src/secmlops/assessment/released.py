"""A release of a project as a model to be assessed, with the rows it learned from and the rows kept back."""

import dataclasses
from functools import cache

from secmlops.assessment.composition import FILE, LICENCES, MadeOf, vulnerabilities
from secmlops.assessment.foreign import Assessed
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.subject import Subject, SubjectKind
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.plan import LOOKS_UP
from secmlops.lifecycle.stages.assurance import materials_of, model_under_test
from secmlops.lifecycle.stages.release import candidate_of
from secmlops.lifecycle.survey import survey
from secmlops.pipeline import Silence, journey_of
from secmlops.release.packages import required_packages
from secmlops.trust.canonical import digest_of
from secmlops.workspace import Workspace

NOT_LOOKED_UP = "known flaws of its packages: name a file of advisories under release.advisories, or say --online"


def read_release(workspace: Workspace, name: str | None, online: bool = False) -> Assessed:
    """Model of the release ``name``, or of the latest; raises InputError for one whose rows are no longer those.

    Its data and its split are those of the project as it stands: an older release may have learned from others.
    """
    release = workspace.release(name)
    journey = journey_of(workspace, Silence())
    survey(journey)
    if journey.model is None or journey.learnt is None or journey.model.digest != release.manifest.model:
        raise InputError(
            f"the release {release.manifest.folder} is not of the model that the project makes now",
            where=str(workspace.folder),
            hint="secmlops run makes one; an older model is assessed as a file, with --data",
        )
    looked_up = online or LOOKS_UP in journey.controls
    return Assessed(
        Subject(SubjectKind.MODEL, release.manifest.folder, journey.model.digest),
        model_under_test(journey),
        materials_of(journey, journey.learnt),
        (),
        () if looked_up else (NOT_LOOKED_UP,),
        _made_of(journey, online),
        workspace.project.controls,
    )


def _made_of(journey: Journey, online: bool) -> MadeOf:
    """What the release is made of, as of now: how old advisories are is counted to this day, not to its training."""
    candidate = cache(lambda: dataclasses.replace(candidate_of(journey), finished=journey.runner.clock()))
    materials = {"packages": digest_of(dict(required_packages()))}
    parts = [FILE, LICENCES]
    if journey.advisories is not None:
        materials["advisories"] = Digest.of(journey.advisories)
    if online or LOOKS_UP in journey.controls:
        parts.append(vulnerabilities(online))
    return MadeOf(candidate, tuple(parts), materials)
