"""Rendering: the material of a report becomes one HTML page that needs nothing but itself."""

import re
from functools import cache

import jinja2
from markupsafe import Markup, escape

from secmlops import __version__
from secmlops.core.counting import counted
from secmlops.core.visible import visible
from secmlops.report import figures
from secmlops.report.charts.balance import balance
from secmlops.report.charts.chain import chain
from secmlops.report.charts.complexity import complexity
from secmlops.report.charts.compression import compression
from secmlops.report.charts.curve import learning_curve
from secmlops.report.charts.effects import effects
from secmlops.report.charts.extraction import extraction
from secmlops.report.charts.fairness import fairness
from secmlops.report.charts.membership import membership
from secmlops.report.charts.metrics import metrics
from secmlops.report.charts.picture import Picture
from secmlops.report.charts.reliability import reliability
from secmlops.report.charts.robustness import robustness
from secmlops.report.charts.slices import slices
from secmlops.report.decision import decide
from secmlops.report.marks import check_mark, gate_mark
from secmlops.report.material import ReportMaterial
from secmlops.report.measures import glossary
from secmlops.report.sections.checks import stage_views
from secmlops.report.sections.erased import erased_view
from secmlops.report.sections.gaps import LIMITS, gap_sentence, gaps
from secmlops.report.sections.links import chain_links
from secmlops.report.sections.personal import personal_view
from secmlops.report.sections.prices import price_pictures
from secmlops.report.sections.summary import summary
from secmlops.report.sections.threats import MARKS, framework_views, threat_picture

_JOINTS = re.compile(r"(?<=[._])")


def render_report(material: ReportMaterial) -> str:
    """HTML page of the material: no script, nothing from elsewhere, every text in it escaped and made visible."""
    decision = decide(material)
    found = gaps(material)
    frameworks = framework_views(material.threats)
    links = chain_links(material, decision)
    page = environment().get_template("page.html")
    return page.render(
        material=material,
        version=__version__,
        decision=decision,
        summary=summary(material),
        chain_wide=Markup(chain(links)),  # noqa: S704  # SVG from a tree of elements: its texts are escaped
        chain_tall=Markup(chain(links, down=True)),  # noqa: S704  # the same
        stages=stage_views(material),
        pictures=_pictures(material),
        prices=price_pictures(material.evidence),
        personal=personal_view(material),
        erased=erased_view(material),
        frameworks=frameworks,
        threat_picture=threat_picture(frameworks),
        threat_marks=MARKS,
        gaps=found,
        gap_sentence=gap_sentence(found),
        limits=LIMITS,
        meanings=glossary(material.evidence.values()),
    )


def _pictures(material: ReportMaterial) -> tuple[Picture, ...]:
    performance = material.evidence.get("assurance.performance")
    smaller = compression(material.products.get(("assurance.compression", "candidates")))
    return (
        metrics(performance, material.rules.require),
        balance(performance, material.task),
        reliability(material.products.get(("assurance.calibration", "reliability"))),
        learning_curve(material.products.get(("assurance.fit", "curve"))),
        complexity(material.products.get(("assurance.fit", "complexity"))),
        *effects(material.products.get(("assurance.explain", "effects"))),
        slices(material.products.get(("assurance.slices", "slices"))),
        fairness(material.products.get(("assurance.fairness", "fairness"))),
        membership(material.products.get(("assurance.membership", "roc"))),
        robustness(material.products.get(("assurance.evasion", "curve"))),
        extraction(material.products.get(("assurance.hardening", "extraction"))),
        *([smaller] if smaller else []),
    )


@cache
def environment() -> jinja2.Environment:
    """Templates of this room, with what they may use."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("secmlops.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "moment": figures.moment,
        "count": figures.count,
        "plural": counted,
        "drawn": Markup,
        "breakable": _breakable,
    }
    made.globals |= {"check_mark": check_mark, "gate_mark": gate_mark}
    return made


def _breakable(name: str) -> Markup:
    """Escaped name that may go on in the next line after a dot or an underscore."""
    return Markup("<wbr>").join(escape(visible(part)) for part in _JOINTS.split(name))


def _shown(value: object) -> object:
    """What a template puts out: markup of our own as it is, every other text with its hidden characters visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
