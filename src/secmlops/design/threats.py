"""The control ``design.threats``: draws up the threat model and tells which threats no control answers."""

from dataclasses import dataclass
from typing import ClassVar

from secmlops.core.control import Examination
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.design.catalogue import catalogue
from secmlops.design.coverage import Claims, State
from secmlops.design.facts import ProjectFacts
from secmlops.design.threat_model import Applicable, ThreatModel, threat_model
from secmlops.trust.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class Design:
    """What is designed: the facts of the project, and the threats that each configured control claims to answer."""

    project: ProjectFacts
    claims: Claims


@dataclass(frozen=True, slots=True)
class Threats:
    """Draws up the threat model. Fails when a control claims to answer a threat that the catalogue does not know.

    A threat that no configured control answers is a warning; whether it may stay so, a policy on the measure
    ``unanswered`` decides. Threats that a control only reduces are counted apart, in ``partly_by_configuration``.
    Product ``threat_model``: canonical JSON. It declares no threat itself: to know of a threat is not yet to answer it.
    """

    id: ClassVar[str] = "design.threats"
    version: ClassVar[str] = "2"
    stage: ClassVar[Stage] = Stage.DESIGN
    threats: ClassVar[tuple[str, ...]] = ()

    def examine(self, artifact: Design, /) -> Examination:
        """Threat model of the design, with a warning for every threat that nothing answers."""
        model = threat_model(artifact.project, artifact.claims)
        unanswered = [t for t in model.threats if t.covered.state is State.NONE]
        findings = (*_unknown(artifact.claims), *(_unanswered(t) for t in unanswered))
        products = {"threat_model": canonical_json(model.to_json())}
        return Examination.judged(findings, _measures(model, artifact), products)


def _measures(model: ThreatModel, design: Design) -> dict[str, float]:
    claimed = [t.covered for t in model.threats if t.covered.state is not State.NONE]
    partly = sum(covered.partial for covered in claimed)
    mitigations = {m.id for m in catalogue().mitigations}
    declared = {threat for threats in design.claims.answers.values() for threat in threats}
    return {
        "threats": len(model.threats),
        "answered_by_configuration": len(claimed) - partly,
        "partly_by_configuration": partly,
        "unanswered": len(model.threats) - len(claimed),
        "mitigations": len(mitigations & declared),
        "controls": len(design.claims.controls),
    }


def _unknown(claims: Claims) -> list[Finding]:
    return [
        Finding(
            "unknown-threat",
            Severity.ERROR,
            f"control {control} declares {threat!r}, which is not in the catalogue",
            where=control,
            hint="declare the id of a catalogue entry, for example atlas:AML.T0020",
        )
        for control in claims.controls
        for threat in catalogue().unknown(claims.by(control))
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
