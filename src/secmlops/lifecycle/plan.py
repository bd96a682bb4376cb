"""Which controls a project runs: the built-in ones in their order, and those that its file names beside them."""

from collections.abc import Mapping
from typing import Any

from secmlops.core.control import Control
from secmlops.core.errors import InputError
from secmlops.lifecycle.policies import split_measure
from secmlops.lifecycle.registry import configure
from secmlops.project.load import nearest
from secmlops.project.settings import Project

BUILT_IN = (
    "design.threats",
    "data.schema",
    "data.personal",
    "data.protect",
    "data.leakage",
    "training.run",
    "assurance.performance",
    "assurance.calibration",
    "assurance.fit",
    "release.parity",
    "release.scan",
    "release.bom",
    "release.provenance",
    "release.sign",
)


def planned_controls(project: Project) -> Mapping[str, Control[Any]]:
    """Controls of the project, configured, by id in the order of the plan.

    Raises InputError for a control that is not installed, a setting that does not fit, and a release condition on a
    control that will not run.
    """
    ids = (*BUILT_IN, *(c for c in project.controls if c not in BUILT_IN))
    controls = {control_id: configure(control_id, project.controls.get(control_id, {})) for control_id in ids}
    for measure in project.release.require:
        control_id, _ = split_measure(measure)
        if control_id not in controls:
            hint = f"controls of this project: {', '.join(controls)}"
            what = f"{measure}: the control {control_id} does not run{nearest(control_id, controls)}"
            raise InputError(what, where="release.require", hint=hint)
    return controls
