"""Threats by framework: answered by evidence that holds, only by a configured control, or open."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from secmlops.design.coverage import State
from secmlops.design.threat_model import Applicable, ThreatModel
from secmlops.report import figures
from secmlops.report.charts.bars import Parts, part_chart
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.marks import Mark

FRAMEWORKS: Mapping[str, str] = MappingProxyType(
    {
        "stride": "STRIDE",
        "atlas": "MITRE ATLAS",
        "owasp-ml": "OWASP ML Top 10",
        "nist-ai-100-2": "NIST AI 100-2",
    }
)
MARKS: Mapping[State, Mark] = MappingProxyType(
    {
        State.EVIDENCE: Mark("✓", "evidence", "good"),
        State.CONFIGURATION: Mark("~", "configured only", "doubt"),
        State.NONE: Mark("✗", "open", "bad"),
    }
)
NAMES = ("evidence", "configured only", "open")
TITLE = "How the threats are answered"


@dataclass(frozen=True, slots=True)
class FrameworkView:
    """The threats of one framework, the open ones first, and how many are in each state."""

    name: str
    counts: tuple[int, ...]
    threats: tuple[Applicable, ...]


def framework_views(model: ThreatModel) -> tuple[FrameworkView, ...]:
    """Threats grouped by framework; one without a threat has no group."""
    groups: dict[str, list[Applicable]] = {prefix: [] for prefix in FRAMEWORKS}
    for threat in model.threats:
        groups.setdefault(threat.threat.id.partition(":")[0], []).append(threat)
    return tuple(_view(prefix, threats) for prefix, threats in groups.items() if threats)


def threat_picture(views: tuple[FrameworkView, ...]) -> Picture:
    """Draw the number of threats in each state."""
    if not views:
        return undrawn(TITLE, "No threat of the catalogue applies to this project.")
    wholes = [Parts(view.name, tuple(float(c) for c in view.counts)) for view in views]
    svg = part_chart("threats", TITLE, wholes, NAMES, figures.count)
    caption = (
        "Evidence means that a control which answers the threat ran, and passed, and holds now. Configured only means "
        "that such a control is part of the project, but has not shown it. One attack may count once per framework."
    )
    rows = tuple((view.name, *(str(c) for c in view.counts)) for view in views)
    return Picture(TITLE, svg, caption, ("framework", *NAMES), rows)


def _view(prefix: str, threats: list[Applicable]) -> FrameworkView:
    order = list(reversed(State))
    ranked = sorted(threats, key=lambda t: (order.index(t.covered.state), t.threat.id))
    counts = tuple(sum(t.covered.state is state for t in threats) for state in State)
    return FrameworkView(FRAMEWORKS.get(prefix, prefix), counts, tuple(ranked))
