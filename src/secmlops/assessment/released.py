"""A release of a project as a model to be assessed, with the rows it learned from and the rows kept back."""

from secmlops.assessment.foreign import Assessed
from secmlops.core.errors import InputError
from secmlops.core.subject import Subject, SubjectKind
from secmlops.lifecycle.stages.assurance import model_under_test
from secmlops.lifecycle.survey import survey
from secmlops.pipeline import Silence, journey_of
from secmlops.workspace import Workspace


def read_release(workspace: Workspace, name: str | None) -> Assessed:
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
    materials = {"data": journey.learnt.digest, "split": journey.split_digest}
    return Assessed(
        Subject(SubjectKind.MODEL, release.manifest.folder, journey.model.digest), model_under_test(journey), materials
    )
