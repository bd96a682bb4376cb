"""What passing every check leaves open, so that a yes is not read as more than it is."""

from collections import Counter
from collections.abc import Iterator

from secmlops.core.counting import counted
from secmlops.design.coverage import State
from secmlops.report.material import ReportMaterial


def left_open(material: ReportMaterial) -> tuple[str, ...]:
    """Threats without an answer, groups that nobody compared, conditions that nobody chose: a sentence for each."""
    return (*_threats(material), *_groups(material), *_conditions(material))


def _threats(material: ReportMaterial) -> Iterator[str]:
    states = Counter(t.covered.state for t in material.threats.threats)
    unanswered, partly = states[State.NONE], states[State.PARTLY] + states[State.CONFIGURATION]
    if unanswered or partly:
        total = counted(len(material.threats.threats), "threat")
        yield f"Of {total} that apply, {unanswered} are open and {partly} are answered in part only (section 5)."


def _groups(material: ReportMaterial) -> Iterator[str]:
    """Say where fairness is not known: of groups that were not compared."""
    if material.uncompared:
        named = ", ".join(repr(column) for column in material.uncompared)
        yield f"Nothing compared how the model treats the groups of {named}: its fairness is not known."
    elif not material.rules.sensitive:
        yield "The project names no sensitive column: whether the model treats groups alike is not known."


def _conditions(material: ReportMaterial) -> Iterator[str]:
    if not material.rules.require:
        yield "The project sets no condition on how good the model must be (release.require)."
    elif material.rules.proposed:
        yield "The conditions of the release are those that secmlops init proposed; nobody chose them for this use."
