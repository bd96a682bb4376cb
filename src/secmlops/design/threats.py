"""The control ``design.threats``: draws up the threat model and tells which threats no control answers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from secmlops.core.control import Examination
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.design.catalogue import catalogue
from secmlops.design.coverage import State
from secmlops.design.facts import ProjectFacts
from secmlops.design.threat_model import Applicable, ThreatModel, threat_model
from secmlops.trust.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class Design:
    """What is designed: the facts of the project, and the threat ids each configured control declares, by control."""

    project: ProjectFacts
    controls: Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Threats:
    """Draws up the threat model. Fails when a control claims to answer a threat that the catalogue does not know.

    A threat that no configured control answers is a warning; whether it may stay so, a policy on the measure
    ``unanswered`` decides. Product ``threat_model``: canonical JSON. It declares no threat itself: to know of a threat
    is not yet to answer it.
    """

    id: ClassVar[str] = "design.threats"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.DESIGN
    threats: ClassVar[tuple[str, ...]] = ()

    def examine(self, artifact: Design, /) -> Examination:
        """Threat model of the design, with a warning for every threat that nothing answers."""
        model = threat_model(artifact.project, artifact.controls)
        unanswered = [t for t in model.threats if t.covered.state is State.NONE]
        findings = (*_unknown(artifact.controls), *(_unanswered(t) for t in unanswered))
        products = {"threat_model": canonical_json(model.to_json())}
        return Examination.judged(findings, _measures(model, artifact), products)


def _measures(model: ThreatModel, design: Design) -> dict[str, float]:
    states = [t.covered.state for t in model.threats]
    mitigations = {m.id for m in catalogue().mitigations}
    declared = {threat for threats in design.controls.values() for threat in threats}
    return {
        "threats": len(states),
        "answered_by_configuration": states.count(State.CONFIGURATION),
        "unanswered": states.count(State.NONE),
        "mitigations": len(mitigations & declared),
        "controls": len(design.controls),
    }


def _unknown(controls: Mapping[str, Collection[str]]) -> list[Finding]:
    return [
        Finding(
            "unknown-threat",
            Severity.ERROR,
            f"control {control} declares {threat!r}, which is not in the catalogue",
            where=control,
            hint="declare the id of a catalogue entry, for example atlas:AML.T0020",
        )
        for control, declared in sorted(controls.items())
        for threat in catalogue().unknown(declared)
    ]


def _unanswered(applicable: Applicable) -> Finding:
    threat = applicable.threat
    return Finding(
        "unanswered-threat",
        Severity.WARNING,
        f"no configured control answers {threat.id} ({threat.title}): {applicable.reason}",
        where=threat.id,
        hint="configure a control that declares this threat, or accept the risk in the policy",
    )
