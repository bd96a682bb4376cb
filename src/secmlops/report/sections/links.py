"""The links of the chain: what the project has come to, by digest, and whether each link holds."""

from secmlops.core.digest import Digest
from secmlops.core.stage import Stage
from secmlops.lifecycle.survey import Standing
from secmlops.report.charts.chain import Link
from secmlops.report.decision import Answer, Decision
from secmlops.report.marks import ABSENT, Mark, gate_mark
from secmlops.report.material import ReportMaterial

_ON_SOURCE = ("data.schema", "data.personal")


def chain_links(material: ReportMaterial, decision: Decision) -> tuple[Link, ...]:
    """Project, data, protected data, model, release, checkpoint: each with the mark of what vouches for it."""
    subjects = material.subjects
    gates = {stage.stage: stage.verdict.open for stage in material.standings}
    judged = gates.get(Stage.TRAINING, False) and gates.get(Stage.ASSURANCE, False)
    examined = {c.control: c.standing is Standing.HOLDS for c in material.controls}
    source = all(examined.get(control, False) for control in _ON_SOURCE)
    return (
        _link("project", subjects.get("project"), gates.get(Stage.DESIGN, False)),
        _link("data", subjects.get("source"), source),
        _link("protected data", subjects.get("protected"), gates.get(Stage.DATA, False)),
        _link("model", subjects.get("model"), judged),
        _release(material, decision),
        Link("ledger", f"{material.ledger.size:,} entries", Mark("✓", "signed", "good")),
    )


def _link(name: str, digest: Digest | None, holds: bool) -> Link:
    return Link(name, digest.short, gate_mark(holds)) if digest else Link(name, "", ABSENT)


def _release(material: ReportMaterial, decision: Decision) -> Link:
    release = material.release
    if release is None:
        broken = any(not check.ok for check in material.checks)
        return Link("release", "", Mark("✗", "unverified", "bad") if broken else ABSENT)
    return Link("release", release.model.short, gate_mark(decision.answer is Answer.YES))
