"""The design stage: the project's threat model, and which of its threats the configured controls answer."""

from collections.abc import Generator

from secmlops.core.control import reduced_threats
from secmlops.core.evidence import Evidence
from secmlops.core.stage import Stage
from secmlops.design.coverage import Claims
from secmlops.design.facts import ProjectFacts
from secmlops.design.threats import Design
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.runner import Step
from secmlops.trust.canonical import digest_of

REACHED = frozenset({Stage.DESIGN, Stage.DATA, Stage.TRAINING, Stage.ASSURANCE, Stage.RELEASE, Stage.SERVING})


def design_steps(journey: Journey) -> Generator[Step, Evidence | None, None]:
    """Yield the steps of the stage, and take in their evidence."""
    claims = claims_of(journey)
    yield Step(
        control=journey.controls["design.threats"],
        subject=journey.design,
        artifact=lambda: Design(facts_of(journey), claims),
        materials={"controls": digest_of(claims.to_json())},
    )


def claims_of(journey: Journey) -> Claims:
    """Return which threats each control of the project claims to answer, and which it only reduces."""
    controls = journey.controls.values()
    return Claims({c.id: c.threats for c in controls}, {c.id: reduced_threats(c) for c in controls})


def facts_of(journey: Journey) -> ProjectFacts:
    """Return what the project file says about itself that decides which threats apply."""
    project = journey.project
    return ProjectFacts(name=project.name, task=project.task, stages=REACHED, feedback=False)
