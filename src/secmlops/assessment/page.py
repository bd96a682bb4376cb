"""The page of an assessment, made of its results."""

from secmlops.assessment.assess import Assessment, Result
from secmlops.core.counting import counted
from secmlops.core.evidence import Evidence
from secmlops.core.finding import Severity
from secmlops.lifecycle.runner import Runner
from secmlops.report.assessment import AssessedLine, AssessmentPage
from secmlops.report.charts.complexity import complexity
from secmlops.report.charts.curve import learning_curve
from secmlops.report.charts.extraction import extraction
from secmlops.report.charts.fairness import fairness
from secmlops.report.charts.membership import membership
from secmlops.report.charts.picture import Picture
from secmlops.report.charts.poison_price import poison_price
from secmlops.report.charts.reliability import reliability
from secmlops.report.charts.robustness import robustness
from secmlops.report.charts.slices import slices
from secmlops.report.charts.triggers import triggers
from secmlops.report.measures import measure_row

_CHARTS = (
    ("assurance.evasion", "curve", robustness),
    ("assurance.membership", "roc", membership),
    ("assurance.hardening", "extraction", extraction),
    ("assurance.backdoor", "suspects", triggers),
    ("assurance.poison_price", "price", poison_price),
    ("assurance.slices", "slices", slices),
    ("assurance.fairness", "fairness", fairness),
    ("assurance.calibration", "reliability", reliability),
    ("assurance.fit", "curve", learning_curve),
    ("assurance.fit", "complexity", complexity),
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
        lines=tuple(_line(result) for result in done.results),
        pictures=tuple(_pictures(done, runner)),
        findings=tuple(findings),
    )


def _pictures(done: Assessment, runner: Runner) -> list[Picture]:
    found = {result.evidence.control.id: result.evidence for result in done.results}
    drawn = []
    for control, product, chart in _CHARTS:
        evidence = found.get(control)
        held = evidence is not None and product in evidence.products
        drawn.append(chart(runner.product(evidence, product) if evidence and held else None))
    return drawn


def _line(result: Result) -> AssessedLine:
    row = measure_row(result.evidence, result.measure) if result.measure else None
    return AssessedLine(
        threat=result.line.threat,
        attack=result.line.attack,
        budget=result.budget,
        result=f"{row.label} {row.value}" if row else _without_measure(result.evidence),
        interval=row.interval if row else "",
        answer=result.line.answer,
        gate=_gate(result),
        holds=result.gate.holds,
    )


def _without_measure(evidence: Evidence) -> str:
    """What is said where nothing was measured: mostly why not."""
    told = next((finding.message for finding in evidence.findings), "")
    return told or str(evidence.outcome)


def _gate(result: Result) -> str:
    """What a gate says, and that it lets warnings through."""
    warnings = sum(finding.severity is Severity.WARNING for finding in result.evidence.findings)
    with_them = f", with {counted(warnings, 'warning')}" if warnings and result.gate.holds else ""
    return result.gate.why + with_them
