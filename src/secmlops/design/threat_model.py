"""The project's threat model: its assets, who may attack them, the threats that apply and what answers each."""

from collections.abc import Mapping
from dataclasses import dataclass

from secmlops.core.evidence import Outcome
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.design.catalogue import Entry, catalogue
from secmlops.design.coverage import Claims, Covered, coverage
from secmlops.design.facts import ABILITIES, FACTS_IN_WORDS, Actor, Asset, ProjectFacts


@dataclass(frozen=True, slots=True)
class Applicable:
    """A threat of the catalogue that applies to the project, why, and how it is answered."""

    reason: str
    covered: Covered

    @property
    def threat(self) -> Entry:
        """The threat."""
        return self.covered.threat


@dataclass(frozen=True, slots=True)
class ThreatModel:
    """What can happen to one project."""

    project: ProjectFacts
    assets: tuple[Asset, ...]
    actors: tuple[Actor, ...]
    threats: tuple[Applicable, ...]

    def to_json(self) -> Json:
        """Return the threat model as JSON, in a stable order."""
        return {
            "project": self.project.name,
            "task": str(self.project.task),
            "stages": [str(s) for s in Stage if s in self.project.stages],
            "facts": {str(f): FACTS_IN_WORDS[f] for f in sorted(self.project.facts)},
            "assets": [str(a) for a in self.assets],
            "actors": {str(a): ABILITIES[a] for a in self.actors},
            "threats": [_threat_json(t) for t in self.threats],
        }


def threat_model(
    project: ProjectFacts,
    claims: Claims,
    outcomes: Mapping[str, Outcome] | None = None,
) -> ThreatModel:
    """Threat model of ``project`` under the ``claims`` of its configured controls.

    A threat applies when it acts in a stage of the project and every fact it needs holds; so the assets and actors are
    those of the threats that apply.
    """
    reasons = {t.id: reason for t in catalogue().threats if (reason := _reason(t, project))}
    applying = [t for t in catalogue().threats if t.id in reasons]
    covered = coverage(applying, claims, outcomes)
    return ThreatModel(
        project,
        tuple(a for a in Asset if any(a in t.assets for t in applying)),
        tuple(a for a in Actor if any(a in t.actors for t in applying)),
        tuple(Applicable(reasons[c.threat.id], c) for c in covered),
    )


def _reason(threat: Entry, project: ProjectFacts) -> str:
    """Why the threat applies, in words; empty when it does not."""
    stages = [s for s in threat.stages if s in project.stages]
    if not stages or not project.facts.issuperset(threat.when):
        return ""
    where = f"the project has stage {', '.join(stages)}"
    return "; ".join([where, *(FACTS_IN_WORDS[fact] for fact in threat.when)])


def _threat_json(applicable: Applicable) -> Json:
    threat, covered = applicable.threat, applicable.covered
    return {
        "id": threat.id,
        "title": threat.title,
        "description": threat.description,
        "reference": threat.reference,
        "stages": [str(s) for s in threat.stages],
        "assets": [str(a) for a in threat.assets],
        "actors": [str(a) for a in threat.actors],
        "reason": applicable.reason,
        "state": str(covered.state),
        "partial": covered.partial,
        "controls": list(covered.controls),
    }
