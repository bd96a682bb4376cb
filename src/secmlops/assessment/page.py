"""The page of an assessment, made of its results."""

from collections.abc import Callable, Sequence

from secmlops.assessment.assess import Assessment, Result
from secmlops.assessment.tried import NOTHING
from secmlops.core.counting import counted
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.lifecycle.runner import Runner
from secmlops.report.assessment import AssessedLine, AssessmentPage
from secmlops.report.charts.complexity import complexity
from secmlops.report.charts.curve import learning_curve
from secmlops.report.charts.effects import effects
from secmlops.report.charts.extraction import extraction
from secmlops.report.charts.fairness import fairness
from secmlops.report.charts.inversion import inversion
from secmlops.report.charts.membership import membership
from secmlops.report.charts.picture import Picture
from secmlops.report.charts.poison_price import poison_price
from secmlops.report.charts.reliability import reliability
from secmlops.report.charts.robustness import robustness
from secmlops.report.charts.slices import slices
from secmlops.report.charts.triggers import triggers
from secmlops.report.measures import measure_row

_Chart = Callable[[bytes | None], Picture | Sequence[Picture]]
_CHARTS: tuple[tuple[str, str, _Chart], ...] = (
    ("assurance.evasion", "curve", robustness),
    ("assurance.membership", "roc", membership),
    ("assurance.inversion", "reconstructed", inversion),
    ("assurance.hardening", "extraction", extraction),
    ("assurance.backdoor", "suspects", triggers),
    ("assurance.poison_price", "price", poison_price),
    ("assurance.slices", "slices", slices),
    ("assurance.fairness", "fairness", fairness),
    ("assurance.calibration", "reliability", reliability),
    ("assurance.fit", "curve", learning_curve),
    ("assurance.fit", "complexity", complexity),
    ("assurance.explain", "effects", effects),
)


def page_of(done: Assessment, runner: Runner) -> AssessmentPage:
    """Page of the results; what it draws is read from the vault of the assessment."""
    found = {result.evidence.control.id: result.evidence for result in done.results}
    findings = [
        f"{control}: {finding.message}"
        for control, evidence in found.items()
        for finding in evidence.findings
        if finding.severity is not Severity.NOTE
    ]
    return AssessmentPage(
        name=done.assessed.subject.name,
        digest=str(done.assessed.subject.digest),
        at=runner.clock(),
        notes=done.assessed.notes,
        unknown=done.assessed.unknown,
        lines=tuple(_line(result) for result in done.results),
        pictures=tuple(_pictures(done, runner)),
        findings=tuple(findings),
    )


def _pictures(done: Assessment, runner: Runner) -> list[Picture]:
    found = {result.evidence.control.id: result.evidence for result in done.results}
    drawn: list[Picture] = []
    for control, product, chart in _CHARTS:
        evidence = found.get(control)
        held = evidence is not None and product in evidence.products
        made = chart(runner.product(evidence, product) if evidence and held else None)
        drawn += [made] if isinstance(made, Picture) else made
    return drawn


def _line(result: Result) -> AssessedLine:
    row = measure_row(result.evidence, result.measure) if result.measure else None
    interval = f" ({row.interval})" if row and row.interval else ""
    return AssessedLine(
        threat=result.line.threat,
        attack=result.tried,
        budget="" if result.tried == NOTHING else result.budget,
        value=f"{row.value}{interval}" if row else "",
        meaning=row.label if row else _without_measure(result),
        answer=result.line.answer,
        gate=_gate(result),
        holds=result.gate.holds,
        warned=_warnings(result),
    )


def _without_measure(result: Result) -> str:
    """What is said where nothing was measured: mostly why not, and what to do."""
    evidence = result.evidence
    beside = any(line.measure(evidence) for line in result.part.lines)
    told = next(iter(evidence.findings), None)
    if told is None or beside:
        return "not measured of this model" if beside else str(evidence.outcome)
    return f"{told.message}; {told.hint}" if told.hint else told.message


def _gate(result: Result) -> str:
    """What a gate says, and that it lets warnings through; why something was skipped stands in the result."""
    if result.evidence.outcome is Outcome.SKIPPED:
        return "shut: skipped"
    with_them = f", with {counted(_warnings(result), 'warning')}" if _warnings(result) and result.gate.holds else ""
    return result.gate.why + with_them


def _warnings(result: Result) -> int:
    return sum(finding.severity is Severity.WARNING for finding in result.evidence.findings)
