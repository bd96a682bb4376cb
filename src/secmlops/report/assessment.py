"""The page of an assessment: a line for each threat, what was tried against the model, and the curves."""

from dataclasses import dataclass
from datetime import datetime

from secmlops import __version__
from secmlops.report.charts.picture import Picture
from secmlops.report.render import environment


@dataclass(frozen=True, slots=True)
class AssessedLine:
    """One line of the table, in words: the threat, the attack and its budget, the result, its answer, the gate."""

    threat: str
    attack: str
    budget: str
    result: str
    interval: str
    answer: str
    gate: str
    holds: bool


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """What the page says: the model's name and digest, when, what was guessed of it, its lines and pictures."""

    name: str
    digest: str
    at: datetime
    notes: tuple[str, ...]
    lines: tuple[AssessedLine, ...]
    pictures: tuple[Picture, ...]
    findings: tuple[str, ...] = ()


def render_assessment(page: AssessmentPage) -> str:
    """HTML page: no script, nothing from elsewhere, every text in it escaped and made visible."""
    return environment().get_template("assessment.html").render(page=page, version=__version__)
