"""The page of an assessment: a line for each threat, what was tried against the model, and the curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from secmlops import __version__
from secmlops.core.counting import counted
from secmlops.report.charts.picture import Picture
from secmlops.report.render import environment


@dataclass(frozen=True, slots=True)
class AssessedLine:
    """One line of the table, in words: the threat, the attack and its budget, the result, its answer, the gate.

    The result is a ``value`` with its interval, and its ``meaning``; where nothing was measured only the meaning is
    there, and says why. ``warned`` counts warnings.
    """

    threat: str
    attack: str
    budget: str
    value: str
    meaning: str
    answer: str
    gate: str
    holds: bool
    warned: int = 0


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """What the page says: the model's name and digest, when, what was guessed or is unknown, its lines and pictures."""

    name: str
    digest: str
    at: datetime
    notes: tuple[str, ...]
    unknown: tuple[str, ...]
    lines: tuple[AssessedLine, ...]
    pictures: tuple[Picture, ...]
    findings: tuple[str, ...] = ()


def in_all(lines: Sequence[AssessedLine]) -> str:
    """One sentence: how many lines there are, and what a gate would say of them."""
    shut, warned = sum(not line.holds for line in lines), sum(line.holds and line.warned > 0 for line in lines)
    said = f"{shut} would keep a gate shut" if shut else "none would keep a gate shut"
    return f"Of {counted(len(lines), 'line')} {said}, and {warned} would pass with warnings"


def render_assessment(page: AssessmentPage) -> str:
    """HTML page: no script, nothing from elsewhere, every text in it escaped and made visible."""
    template = environment().get_template("assessment.html")
    return template.render(page=page, sentence=in_all(page.lines), version=__version__)
