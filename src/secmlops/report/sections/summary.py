"""The project in a few numbers, for a reader who reads no further than the first page."""

from collections import Counter

from secmlops.design.coverage import State
from secmlops.lifecycle.survey import Standing
from secmlops.report import figures
from secmlops.report.material import ReportMaterial
from secmlops.report.measures import Row, measure_rows
from secmlops.report.sections.prices import training_seconds

_PERFORMANCE = "assurance.performance"


def summary(material: ReportMaterial) -> tuple[Row, ...]:
    """Controls that passed, how good the model is, threats answered by evidence, checks of the release, and time."""
    controls, evidence = material.controls, material.evidence
    passed = sum(c.standing is Standing.HOLDS for c in controls)
    states = Counter(t.covered.state for t in material.threats.threats)
    answered = states[State.EVIDENCE]
    left = f"{states[State.PARTLY]} more in part, {states[State.NONE]} open" if material.threats.threats else ""
    rows = [Row("controls", "controls passed", _of(passed, len(controls)), "")]
    if _PERFORMANCE in evidence:
        rows += measure_rows(evidence[_PERFORMANCE])[0][:1]
    rows.append(Row("threats", "threats answered by evidence", _of(answered, len(material.threats.threats)), left))
    if material.checks:
        held = sum(check.ok for check in material.checks)
        rows.append(Row("checks", "checks of the release hold", _of(held, len(material.checks)), ""))
    if evidence:
        training = training_seconds(evidence)
        added = sum(e.price.wall_s for e in evidence.values()) - training
        told = f"beside {figures.seconds(training)} of training" if training else ""
        rows.append(Row("added", "of time added by security", figures.seconds(added), told))
    return tuple(rows)


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}"
