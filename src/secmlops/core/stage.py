"""The lifecycle: eight stages, and one table that says which event leads from which stage to which."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from secmlops.core.errors import InputError


class Stage(StrEnum):
    """The stages of the machine-learning lifecycle, in their usual order."""

    DESIGN = "design"
    DATA = "data"
    TRAINING = "training"
    ASSURANCE = "assurance"
    RELEASE = "release"
    SERVING = "serving"
    MONITORING = "monitoring"
    RESPONSE = "response"


class Event(StrEnum):
    """What may happen to a subject in a stage."""

    GATE_OPENED = "gate opened"
    GATE_SHUT = "gate shut"
    DRIFT_CONFIRMED = "drift confirmed"
    INCIDENT_DECLARED = "incident declared"
    CONTAINED = "contained"
    REBUILD_ORDERED = "rebuild ordered"
    RETIRED = "retired"


TRANSITIONS: Mapping[tuple[Stage, Event], Stage] = MappingProxyType(
    {
        (Stage.DESIGN, Event.GATE_OPENED): Stage.DATA,
        (Stage.DESIGN, Event.GATE_SHUT): Stage.DESIGN,
        (Stage.DATA, Event.GATE_OPENED): Stage.TRAINING,
        (Stage.DATA, Event.GATE_SHUT): Stage.DATA,
        (Stage.TRAINING, Event.GATE_OPENED): Stage.ASSURANCE,
        (Stage.TRAINING, Event.GATE_SHUT): Stage.TRAINING,
        (Stage.ASSURANCE, Event.GATE_OPENED): Stage.RELEASE,
        (Stage.ASSURANCE, Event.GATE_SHUT): Stage.ASSURANCE,
        (Stage.RELEASE, Event.GATE_OPENED): Stage.SERVING,
        (Stage.RELEASE, Event.GATE_SHUT): Stage.RELEASE,
        (Stage.SERVING, Event.GATE_OPENED): Stage.MONITORING,
        (Stage.SERVING, Event.GATE_SHUT): Stage.RELEASE,
        (Stage.SERVING, Event.INCIDENT_DECLARED): Stage.RESPONSE,
        (Stage.SERVING, Event.RETIRED): Stage.DESIGN,
        (Stage.MONITORING, Event.DRIFT_CONFIRMED): Stage.DATA,
        (Stage.MONITORING, Event.INCIDENT_DECLARED): Stage.RESPONSE,
        (Stage.MONITORING, Event.RETIRED): Stage.DESIGN,
        (Stage.RESPONSE, Event.CONTAINED): Stage.MONITORING,
        (Stage.RESPONSE, Event.REBUILD_ORDERED): Stage.DATA,
        (Stage.RESPONSE, Event.RETIRED): Stage.DESIGN,
    }
)


def advance(stage: Stage, event: Event) -> Stage:
    """Stage that follows ``event`` in ``stage``; raises InputError where the lifecycle has no such step."""
    try:
        return TRANSITIONS[stage, event]
    except KeyError:
        possible = ", ".join(e for s, e in TRANSITIONS if s is stage)
        raise InputError(f"{event!s} cannot happen in stage {stage}", hint=f"possible there: {possible}") from None
