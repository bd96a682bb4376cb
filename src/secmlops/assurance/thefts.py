"""What thieves bought by settings of the outputs: the curve of agreement over queries, and what a good copy took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secmlops.attack.extraction import Extraction, best
from secmlops.core.json import Json

UNCHANGED = "unchanged"
SHARES = {"90pct": 0.90, "95pct": 0.95, "99pct": 0.99}
"""Shares of rows on which a copy is to agree, by how they are named."""


@dataclass(frozen=True, slots=True)
class Thefts:
    """Extractions by setting and thief, judged after each of the rising ``budgets``."""

    budgets: Sequence[int]
    by_setting: Mapping[str, Mapping[str, Extraction]]

    def measures(self, setting: str) -> dict[str, float]:
        """Agreement of the best copy after all queries, and the queries for each share that was reached."""
        found = self._best(setting)
        last = found.agreement[-1]
        reached = {name: found.queries_until(share) for name, share in SHARES.items()}
        return {
            "extraction_agreement": last.share,
            "extraction_agreement_low": last.low,
            "extraction_agreement_high": last.high,
            **{f"queries_for_{name}": float(queries) for name, queries in reached.items() if queries is not None},
        }

    def told(self) -> Json:
        """Curves of all settings, the best thief's and each one's; queries that did not suffice are null."""
        curves: dict[str, Json] = {}
        for setting, thieves in self.by_setting.items():
            found = self._best(setting)
            curves[setting] = {
                "best": _points(found),
                "thieves": {thief: _points(one) for thief, one in thieves.items()},
                "queries_for": {name: found.queries_until(share) for name, share in SHARES.items()},
            }
        return curves

    def _best(self, setting: str) -> Extraction:
        return best(list(self.by_setting[setting].values()), self.budgets)


def _points(one: Extraction) -> Json:
    return [
        {"queries": queries, "agreement": found.share, "low": found.low, "high": found.high}
        for queries, found in zip(one.queries, one.agreement, strict=True)
    ]
