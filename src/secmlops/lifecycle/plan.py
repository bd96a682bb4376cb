"""Which controls a project runs: the built-in ones in their order, and those that its file names beside them."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from secmlops.core.condition import Condition
from secmlops.core.control import Control
from secmlops.core.errors import InputError
from secmlops.core.stage import Stage
from secmlops.lifecycle.measures import is_possible, measured
from secmlops.lifecycle.policies import split_measure
from secmlops.lifecycle.registry import configure
from secmlops.project.problems import Problem, refuse
from secmlops.project.settings import Project
from secmlops.project.wording import nearest

BUILT_IN = (
    "design.threats",
    "data.schema",
    "data.personal",
    "data.governance",
    "data.quality",
    "data.protect",
    "data.anonymise",
    "data.leakage",
    "data.balance",
    "data.skew",
    "data.label_errors",
    "data.poisoning",
    "training.run",
    "assurance.performance",
    "assurance.calibration",
    "assurance.fit",
    "assurance.slices",
    "assurance.fairness",
    "assurance.explain",
    "assurance.guard",
    "assurance.watch",
    "assurance.evasion",
    "assurance.membership",
    "assurance.attributes",
    "assurance.hardening",
    "release.parity",
    "release.scan",
    "release.bom",
    "release.provenance",
    "release.sign",
)
LOOKS_UP = "release.vulnerabilities"
"""Runs where ``release.advisories`` names a file to look in: without one there is nothing that it could find out."""
WEIGHS = "assurance.compression"
"""Runs where ``training.compress`` asks for a smaller model."""
ON_DEMAND = ("assurance.inversion", "assurance.backdoor", "assurance.poison_price")
"""Run where ``controls`` names them: attacks that take their time. ``secmlops assess`` runs them on any model."""
OPEN_STAGES = (Stage.DATA, Stage.ASSURANCE, Stage.RELEASE)
"""Stages whose controls a plugin may add to: their artifacts are a DataSet, a ModelUnderTest and a Candidate."""


def planned_controls(project: Project, file: Path) -> Mapping[str, Control[Any]]:
    """Controls of the project, configured, by id in the order of the plan.

    Raises InputError that tells, with the lines of the project file ``file``, every control that is not installed or
    cannot be added, every setting that does not fit, and every release condition that cannot be met.
    """
    controls: dict[str, Control[Any]] = {}
    problems: list[Problem] = []
    wanted = {LOOKS_UP: project.release.advisories, WEIGHS: project.training.compress}
    asked = dict.fromkeys((*BUILT_IN, *(name for name, reason in wanted.items() if reason), *project.controls))
    for control_id in asked:
        try:
            controls[control_id] = _planned(control_id, project)
        except InputError as error:
            problems.append((("controls", control_id, error.where), f"{error.what}{_advice(error)}"))
    refuse(problems, file)
    refuse(list(_hopeless(project, controls)), file)
    return controls


def refuse_missing_extras(project: Project, file: Path) -> None:
    """Raise InputError, with its line in ``file``, where training needs what is not installed."""
    training = project.training
    missing = training.private.missing(str(training.model)) if training.private else ""
    refuse([(("training", "private"), missing)] if missing else [], file)


def _planned(control_id: str, project: Project) -> Control[Any]:
    control = configure(control_id, project.controls.get(control_id, {}))
    if control_id not in BUILT_IN and control.stage not in OPEN_STAGES:
        stages = ", ".join(OPEN_STAGES)
        raise InputError(f"controls of stage {control.stage} cannot be added", hint=f"stages that take more: {stages}")
    return control


def _hopeless(project: Project, controls: Mapping[str, Control[Any]]) -> Iterator[Problem]:
    """Yield the release conditions that no run could meet."""
    for name, text in project.release.require.items():
        place = ("release", "require", name)
        control_id, measure = split_measure(name)
        if control_id not in controls:
            near = nearest(control_id, controls) or f"; controls of this project: {', '.join(controls)}"
            yield place, f"the control {control_id} does not run{near}"
        condition = Condition.parse(text)
        measure = condition.measure(measure)
        known = measured(control_id, project.task, getattr(controls.get(control_id), "budgets", ()))
        if known and measure not in known:
            yield (
                place,
                f"{control_id} gives no measure {measure} for {project.task}{_instead(condition, measure, known)}",
            )
        if measure in known and not is_possible(condition, known[measure]):
            low, high = known[measure]
            yield place, f"{text} can never hold: {measure} lies between {low:g} and {high:g}"


def _instead(condition: Condition, measure: str, known: Collection[str]) -> str:
    """What could have been meant: a point of the curve ``measure``, a name like it, or any of those that there are."""
    points = [name.removeprefix(f"{measure}_at_") for name in known if name.startswith(f"{measure}_at_")]
    points = [point for point in points if not point.endswith(("_low", "_high"))]
    if points:
        return f'; it is a curve: write "{condition} at {points[0]}", at one of {", ".join(points)}'
    return nearest(measure, known) or f"; measures: {', '.join(known)}"


def _advice(error: InputError) -> str:
    return f" ({error.hint})" if error.hint else ""
