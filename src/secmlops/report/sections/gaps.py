"""What is not known or not covered, said plainly: no reader shall take silence for safety."""

from collections.abc import Iterator
from dataclasses import dataclass

from secmlops.core.counting import counted
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding
from secmlops.design.coverage import State
from secmlops.lifecycle.survey import Standing
from secmlops.report.material import ReportMaterial
from secmlops.report.sections.threats import framework_views
from secmlops.training.sandbox.isolation import WAIVERS

LIMITS = (
    "Metrics come from rows of the same source as the training data. For other people, places or times they promise "
    "nothing.",
    "The search for personal data knows headers and forms. That it finds none is no proof that there is none.",
    "A signature shows which key spoke, not that its holder was honest. Where one person holds all keys, nobody "
    "has looked over that person's shoulder.",
    "This page ends at the release: what happens in serving, monitoring and incidents is in the ledger, not here.",
    "This page is a view of the ledger and proves nothing by itself. Section 7 says how to check it.",
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not known or not covered, what that means, every case of it, and where more is told."""

    title: str
    meaning: str
    items: tuple[str, ...]
    elsewhere: str = ""


def gaps(material: ReportMaterial) -> tuple[Gap, ...]:
    """Every gap that the material shows; a gap without a case is left out."""
    return tuple(gap for gap in _all(material) if gap.items)


def _all(material: ReportMaterial) -> Iterator[Gap]:
    yield Gap("Controls that gave no result", "What they look for is not known.", tuple(_silent(material)))
    yield Gap("Controls that have not run", "Nothing is known yet of what they look for.", tuple(_waiting(material)))
    yield Gap(
        "Evidence that does not count any more",
        "It is too old, or its moment cannot be believed.",
        tuple(dict.fromkeys(_untimely(material))),
    )
    yield Gap(
        "Weaker isolation, accepted by name",
        "Training ran with less around it than it should have.",
        tuple(_waived(material)),
    )
    yield Gap(
        "Personal data kept as they are",
        "The project accepts them by name; they are in the training data.",
        tuple(f"column {c!r}" for c, action in material.rules.protect.items() if action == "keep"),
    )
    yield Gap(
        "Fairness between groups",
        "No evidence compares how the model treats the groups of these columns.",
        tuple(f"column {column!r}{_seen(material, column)}" for column in material.uncompared),
    )
    yield Gap(
        "Open threats",
        "They apply to this project, and no control of it answers them, not even in part.",
        tuple(_threats(material, State.NONE)),
        "section 5",
    )
    yield Gap(
        "Threats answered in part",
        "What passed makes them smaller, or would see one sign of them; no test shows that they are averted.",
        tuple(_threats(material, State.PARTLY)),
        "section 5",
    )
    yield Gap(
        "Threats answered on paper only",
        "A control against them is configured, but no evidence of it holds now.",
        tuple(_threats(material, State.CONFIGURATION)),
        "section 5",
    )
    yield Gap("The release", "It cannot be relied on as long as this is so.", tuple(_release(material)))
    yield Gap("Findings that were cut", "The ledger holds the worst ones only.", tuple(_cut(material)))


def _silent(material: ReportMaterial) -> Iterator[str]:
    for control, evidence in material.evidence.items():
        if evidence.outcome in (Outcome.SKIPPED, Outcome.ERRORED):
            why = "; ".join(f.message for f in evidence.findings[:3]) or "it did not say why"
            yield f"{control} {evidence.outcome}: {why}"


def _waiting(material: ReportMaterial) -> Iterator[str]:
    for control in material.controls:
        if control.standing in (Standing.TO_RUN, Standing.WAITING):
            yield f"{control.control}: {control.why}"


def _untimely(material: ReportMaterial) -> Iterator[str]:
    for stage in material.standings:
        for reason in stage.verdict.obstacles:
            if reason.why.startswith(("stale", "dated in the future")):
                yield f"{reason.rule}: {reason.why}"


def _waived(material: ReportMaterial) -> Iterator[str]:
    yield from (f.message for f in _findings(material) if f.rule in WAIVERS)


def _seen(material: ReportMaterial, column: str) -> str:
    """Say whether the model sees a sensitive column, as far as the evidence tells."""
    seen = any(f.rule == "leakage.sensitive" and f.where == f"column {column!r}" for f in _findings(material))
    return ", which is an input of the model" if seen else ""


def _threats(material: ReportMaterial, state: State) -> Iterator[str]:
    for framework in framework_views(material.threats):
        ours = sum(t.covered.state is state for t in framework.threats)
        if ours:
            yield f"{framework.name}: {ours} of {len(framework.threats)}"


def _release(material: ReportMaterial) -> Iterator[str]:
    failed = [check for check in material.checks if not check.ok]
    yield from (f"{check.name}: {check.detail}" for check in failed)
    if material.release is None and not failed:
        yield "There is none: nobody outside this project can check anything yet."
    elif not material.checks:
        yield "It has not been verified for this page."


def _cut(material: ReportMaterial) -> Iterator[str]:
    for control, evidence in material.evidence.items():
        yield from (f"{control}: {f.message}" for f in evidence.findings if f.rule == "control.more")


def _findings(material: ReportMaterial) -> Iterator[Finding]:
    for evidence in material.evidence.values():
        yield from evidence.findings


def gap_sentence(found: tuple[Gap, ...]) -> str:
    """Return how much is open, in one sentence."""
    if not found:
        return "Nothing is missing of what this project set out to check. What no report of this kind can know:"
    return f"{counted(len(found), 'kind')} of gap:"
