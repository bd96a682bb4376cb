"""Taking a project through its stages: what is run, where it stands, and what is published.

Beside the workspace, and not in it: whoever serves or verifies a release has no need of what makes one.
"""

from typing import Any

from secmlops.core.control import Control
from secmlops.core.evidence import Evidence
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.datasets import column_store_of
from secmlops.design.threat_model import ThreatModel
from secmlops.lifecycle import run, sample, survey
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.publish import Published, publish
from secmlops.lifecycle.run import StageResult
from secmlops.lifecycle.runner import Listener, Runner
from secmlops.lifecycle.survey import StageStanding
from secmlops.project.units import parse_duration
from secmlops.workspace import Workspace


class Silence:
    """A listener for those who only look."""

    def started(self, control: Control[Any], /) -> None:
        """Nothing is told."""

    def finished(self, evidence: Evidence, reused: bool, /) -> None:
        """Nothing is told."""


def journey_of(workspace: Workspace, listener: Listener, *, afresh: bool = False) -> Journey:
    """Journey of the project over its ledger, its vault and this user's keys."""
    within = parse_duration(workspace.project.release.within)
    columns = column_store_of(workspace)
    runner = Runner(workspace.book, workspace.vault, columns, workspace.keys, workspace.clock, listener, within)
    return Journey(workspace.project, workspace.folder, runner, workspace.identity, afresh)


def survey_of(workspace: Workspace) -> list[StageStanding]:
    """Look where the project stands; nothing is run."""
    return survey.survey(journey_of(workspace, Silence()))


def run_pipeline(
    workspace: Workspace, listener: Listener, until: Stage = Stage.RELEASE, *, afresh: bool = False
) -> tuple[list[StageResult], Published | None]:
    """Take the project through its stages; publish the release when all gates are open."""
    with workspace.locked():
        journey = journey_of(workspace, listener, afresh=afresh)
        try:
            results = run.run(journey, until)
            done = results[-1].verdict.open and results[-1].stage is Stage.RELEASE
            return results, publish(journey, workspace.releases) if done else None
        finally:
            workspace.remember()


def threats_of(workspace: Workspace) -> ThreatModel:
    """The project's threats, and how each is answered by the evidence that holds now."""
    return survey.answered_threats(journey_of(workspace, Silence()))


def example_request_of(workspace: Workspace) -> dict[str, Json]:
    """Body of an inference request, made from a row that the model never saw."""
    journey = journey_of(workspace, Silence())
    survey.survey(journey)
    return sample.example_request(journey)
