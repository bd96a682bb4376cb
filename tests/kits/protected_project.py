"""A project whose table went as far as its protection: what holds of data, without what looks for more in them."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.sealed import product_kind
from secmlops.lifecycle.stages.data import data_steps
from secmlops.pipeline import Silence, journey_of
from secmlops.trust.canonical import digest_of
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

PROTECTING = ("data.schema", "data.personal", "data.governance", "data.protect")


def protect_data(folder: Path, now: datetime, *more: str) -> tuple[Workspace, Journey]:
    """Perform the data stage of the project in ``folder``: its protection, and the controls named in ``more``.

    Data that differ from those before are accepted.
    """
    workspace = Workspace(folder, lambda: now)
    journey = journey_of(workspace, Silence(), afresh=True)
    steps = data_steps(journey)
    evidence: Evidence | None = None
    with suppress(StopIteration):
        while True:
            step = steps.send(evidence)
            evidence = None
            if step.control.id in (*PROTECTING, *more):
                evidence = journey.evidence[step.control.id] = journey.runner.perform(step)
    return workspace, journey


def say_trained(workspace: Workspace, journey: Journey, now: datetime) -> Evidence:
    """Put into the ledger that a model was made of the protected table, and some bytes for it into the vault."""
    products = {
        name: workspace.vault.put(name.encode(), product_kind("training.run", name))
        for name in ("model.onnx", "holdout_outputs")
    }
    protected = journey.evidence["data.protect"].products["protected"]
    evidence = Evidence(
        control=ControlRef("training.run", "1", digest_of({})),
        stage=Stage.TRAINING,
        subject=Subject(SubjectKind.MODEL, "small", products["model.onnx"]),
        outcome=Outcome.PASSED,
        at=now,
        materials={"data": protected},
        products=products,
    )
    return workspace.book.append(evidence, workspace.keys.signer(Role.ENGINEER)).evidence
