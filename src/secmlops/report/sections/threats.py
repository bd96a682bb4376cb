"""Threats by framework: answered by evidence that holds, answered in part or on paper only, or open."""

from collections import Counter
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
        State.EVIDENCE: Mark("✓", "answered", "good"),
        State.PARTLY: Mark("~", "in part", "doubt"),
        State.CONFIGURATION: Mark("~", "on paper only", "doubt"),
        State.NONE: Mark("✗", "open", "bad"),
    }
)
NAMES = ("answered", "in part or on paper only", "open")
TITLE = "How the threats are answered"


@dataclass(frozen=True, slots=True)
class FrameworkView:
    """The threats of one framework, the open ones first, and how many are answered, half answered and open."""

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
        "Answered means that a control which prevents the attack, or would find it, ran, passed and holds now. In part "
        "means that what passed only makes it smaller; on paper only, that no such control has passed. One attack may "
        "count once per framework."
    )
    rows = tuple((view.name, *(str(c) for c in view.counts)) for view in views)
    return Picture(TITLE, svg, caption, ("framework", *NAMES), rows)


def _view(prefix: str, threats: list[Applicable]) -> FrameworkView:
    order = list(reversed(State))
    ranked = sorted(threats, key=lambda t: (order.index(t.covered.state), t.threat.id))
    states = Counter(t.covered.state for t in threats)
    counts = (states[State.EVIDENCE], states[State.PARTLY] + states[State.CONFIGURATION], states[State.NONE])
    return FrameworkView(FRAMEWORKS.get(prefix, prefix), counts, tuple(ranked))
