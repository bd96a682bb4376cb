"""What was checked: per stage its gate and its controls, with measures, findings and the place in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from secmlops.core.evidence import Evidence
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Reason
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject
from secmlops.lifecycle.survey import ControlStanding, StageStanding
from secmlops.report.marks import Mark, gate_mark, mark_of
from secmlops.report.material import Place, ReportMaterial
from secmlops.report.measures import Row, measure_rows

QUESTIONS = {
    Stage.DESIGN: "What can go wrong, and what answers it?",
    Stage.DATA: "Are the data what they should be, and is personal data protected?",
    Stage.TRAINING: "Was the model made where nobody could reach in or out?",
    Stage.ASSURANCE: "Is the model good enough, and does it know what it does not know?",
    Stage.RELEASE: "Is what goes out exactly what was examined?",
}
_UNFOLDED = 4
_ELSEWHERE = {"design.threats": "threats"}
"""Controls whose warnings are told in full in another section, and which."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings of one severity; a long list is ``folded``."""

    severity: Severity
    items: tuple[Finding, ...]

    @property
    def hint(self) -> str:
        """What to do about all of them, when it is the same for more than one."""
        hints = {f.hint for f in self.items}
        return hints.pop() if len(self.items) > 1 and len(hints) == 1 else ""

    @property
    def folded(self) -> bool:
        """Whether only the number is shown until the reader asks for more."""
        return len(self.items) > _UNFOLDED


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a control said: the measures that count most, the others, its findings by severity, about which subject."""

    most: tuple[Row, ...]
    others: tuple[Row, ...]
    findings: tuple[Findings, ...]
    subject: Subject
    at: datetime
    version: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class ControlView:
    """A control, how it stands, what it said if it spoke, and in which section its findings are told again."""

    control: str
    mark: Mark
    why: str
    spoken: Spoken | None
    elsewhere: str


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage, its question, its gate with all reasons, and its controls."""

    stage: Stage
    question: str
    mark: Mark
    reasons: tuple[Reason, ...]
    controls: tuple[ControlView, ...]


def stage_views(material: ReportMaterial) -> tuple[StageView, ...]:
    """Every stage that was surveyed, in order."""
    return tuple(_stage(stage, material) for stage in material.standings)


def by_severity(findings: Sequence[Finding]) -> tuple[Findings, ...]:
    """Findings grouped, the worst first; a severity without findings has no group."""
    groups = (Findings(s, tuple(f for f in findings if f.severity is s)) for s in Severity)
    return tuple(group for group in groups if group.items)


def _stage(stage: StageStanding, material: ReportMaterial) -> StageView:
    return StageView(
        stage.stage,
        QUESTIONS.get(stage.stage, ""),
        gate_mark(stage.verdict.open),
        stage.verdict.reasons,
        tuple(_control(c, material) for c in stage.controls),
    )


def _control(standing: ControlStanding, material: ReportMaterial) -> ControlView:
    evidence = standing.evidence
    spoken = _spoken(evidence, material.places.get(standing.control)) if evidence else None
    elsewhere = _ELSEWHERE.get(standing.control, "")
    return ControlView(standing.control, mark_of(standing), standing.why, spoken, elsewhere)


def _spoken(evidence: Evidence, place: Place | None) -> Spoken:
    most, others = measure_rows(evidence)
    return Spoken(
        most, others, by_severity(evidence.findings), evidence.subject, evidence.at, evidence.control.version, place
    )
