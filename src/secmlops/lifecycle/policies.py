"""The policy of each gate: every control of the stage passed, and for a release, of all stages, with its conditions."""

import dataclasses
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from secmlops.core.condition import Condition
from secmlops.core.control import Control
from secmlops.core.policy import AllOf, Policy, Require
from secmlops.core.stage import Stage
from secmlops.lifecycle.runner import ATTESTING_ROLE, reference_of
from secmlops.project.settings import Project
from secmlops.project.units import parse_duration

_LONGEST_VALUE = 40

Controls = Iterable[Control]  # type: ignore[type-arg]  # of whatever artifact


def stage_policy(stage: Stage, controls: Controls, project: Project) -> Policy:
    """Return what must hold before a project leaves ``stage``."""
    within = parse_duration(project.release.within)
    if stage is not Stage.RELEASE:
        return AllOf(tuple(_require(c, within) for c in controls if c.stage is stage))
    every = tuple(_require(c, within) for c in controls)
    return AllOf((*every, *conditions(project, within))) if every else AllOf(())


def conditions(project: Project, within: timedelta) -> tuple[Require, ...]:
    """Conditions of the project file: ``assurance.performance.auc: ">= 0.74"``."""
    return tuple(_condition(measure, text, within) for measure, text in project.release.require.items())


def split_measure(name: str) -> tuple[str, str]:
    """Split ``stage.control.measure`` into the control's id and the measure, which may itself hold dots."""
    stage, control, measure = name.split(".", 2)
    return f"{stage}.{control}", measure


def _condition(name: str, text: str, within: timedelta) -> Require:
    control, measure = split_measure(name)
    condition = Condition.parse(text)
    return Require(control, measure=condition.measure(measure), condition=condition, within=within)


def _require(control: Control, within: timedelta) -> Require:  # type: ignore[type-arg]  # of whatever artifact
    role = ATTESTING_ROLE[control.stage]
    settings = reference_of(control).settings
    return Require(control.id, within=within, by=role, settings=settings, note=unusual_settings(control))


def unusual_settings(control: Control) -> str:  # type: ignore[type-arg]  # of whatever artifact
    """Say which settings are not the control's own, so that nobody loosens one unseen; empty when all are."""
    kind: Any = type(control)
    usual, given = dataclasses.asdict(kind()), dataclasses.asdict(control)  # type: ignore[call-overload]
    changed = [
        f"{name} {_brief(value)} instead of {_brief(usual[name])}"
        for name, value in given.items()
        if value != usual[name]
    ]
    return f"with {', '.join(changed)}" if changed else ""


def _brief(value: object) -> str:
    text = "nothing" if value in ("", None) else str(value)
    if text.startswith("{"):
        return f"one of {len(text):,} characters"  # a profile in JSON: nobody reads it in a table
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
