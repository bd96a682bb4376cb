"""The project in a few numbers, for a reader who reads no further than the first page."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

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
        rows += [_required(row, material.rules.require) for row in measure_rows(evidence[_PERFORMANCE])[0][:1]]
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


def _required(row: Row, require: Mapping[str, str]) -> Row:
    """Return the row with the condition of the release on its measure or the ends of its interval."""
    names = [row.name, f"{row.name}_low", f"{row.name}_high"]
    asked = [f"{name} {require[f'{_PERFORMANCE}.{name}']}" for name in names if f"{_PERFORMANCE}.{name}" in require]
    told = f"required: {', '.join(asked)}" if asked else "the release sets no condition on it"
    return replace(row, interval="; ".join(part for part in (row.interval, told) if part))


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}"
