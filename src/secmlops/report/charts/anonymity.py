"""Anonymity: how likely a row is known again, and how much detail of each column that cost."""

from collections.abc import Mapping

import msgspec

from secmlops.core.evidence import Evidence
from secmlops.report import figures
from secmlops.report.charts.bars import Bar, bar_chart
from secmlops.report.charts.picture import Picture, undrawn

RISK, LOSS = "How likely is a row known again?", "How much detail was lost?"
ACCEPTED = 0.2
"""Risk at which public authorities commonly stop (K. El Emam, Guide to the De-Identification, 2013, chapter 17)."""
_ATTACKERS = {
    "prosecutor": "knows that the person is in the table",
    "journalist": "does not know whether the person is in the table",
    "marketer": "wants as many persons as possible: mean over all rows",
}


def risk_left(evidence: Evidence) -> Picture:
    """Draw the risks that ``data.anonymise`` measured beside the one that is commonly accepted."""
    risks = {name: evidence.measures.get(f"{name}_risk") for name in _ATTACKERS}
    known = {name: risk for name, risk in risks.items() if risk is not None}
    if not known:
        return undrawn(RISK, "The risk has not been measured.")
    bars = [*(Bar(name, risk) for name, risk in known.items()), Bar("commonly accepted", ACCEPTED, second=True)]
    caption = (
        "The chance that an attacker matches a row with the right person, by what the attacker knows beforehand. It "
        "holds for the columns that were named as quasi-identifiers, and for no other knowledge."
    )
    rows = tuple((name, _ATTACKERS[name], figures.share(risk)) for name, risk in known.items())
    svg = bar_chart("anonymity-risk", RISK, bars, figures.share)
    return Picture(RISK, svg, caption, ("attacker", "who", "highest chance"), rows)


def detail_lost(product: bytes | None) -> Picture:
    """Draw the product ``loss`` of ``data.anonymise``: the penalty of each quasi-identifier."""
    by_column = penalties(product)
    if not by_column:
        return undrawn(LOSS, "What was lost has not been measured, or what is stored of it cannot be read.")
    ordered = sorted(by_column.items(), key=lambda item: (-item[1], item[0]))
    mean = sum(by_column.values()) / len(by_column)
    bars = [*(Bar(name, lost) for name, lost in ordered), Bar("all of them", mean, second=True)]
    caption = (
        "Certainty penalty of each quasi-identifier: 0 % where every value stayed as it was, 100 % where nothing is "
        "left of the column. Rows that were left out count as 100 %."
    )
    rows = tuple((name, figures.share(lost)) for name, lost in [*ordered, ("all of them", mean)])
    return Picture(LOSS, bar_chart("anonymity-loss", LOSS, bars, figures.share), caption, ("column", "lost"), rows)


def penalties(product: bytes | None) -> Mapping[str, float]:
    """Penalty by quasi-identifier, as the product ``loss`` has it; none where there is none, or it cannot be read."""
    try:
        return msgspec.json.decode(product or b"{}", type=dict[str, float])
    except msgspec.MsgspecError:
        return {}
