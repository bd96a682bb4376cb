"""The control that compares what a model does to groups of people: whom it selects, and about whom it errs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from secmlops.assurance.bootstrap import Bootstrap, Interval
from secmlops.assurance.metrics import once
from secmlops.assurance.mitigation import even_selection
from secmlops.assurance.rates import Groups, Rate, Spread, rates_of
from secmlops.assurance.subject import NAME_ONE, ModelUnderTest, skipped
from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.core.task import Task
from secmlops.trust.canonical import canonical_json

_MEASURES: Mapping[str, str] = {
    "selection": "demographic_parity_difference",
    "tpr": "equal_opportunity_difference",
    "fpr": "false_positive_difference",
    "ppv": "predictive_parity_difference",
    "residual": "calibration_difference",
    "prediction": "mean_prediction_difference",
}
_ENDS = ("_low", "_high")
_WORDS: Mapping[str, str] = {
    "selection": "the share called an event",
    "tpr": "the share of true events that are found",
    "fpr": "the share of others called an event",
    "ppv": "the share of those called an event that are one",
    "residual": "the mean of prediction less outcome",
    "prediction": "the mean prediction, in standard deviations,",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """The widest spread of one rate over the groups of a column, with the intervals of its difference and its ratio."""

    rate: Rate
    spread: Spread
    interval: Interval
    of_ratio: Interval

    @property
    def ratio(self) -> float:
        """Lowest as a share of the highest; 1 where both are nothing."""
        return self.spread.least / self.spread.most if self.spread.most > 0 else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One sensitive column: its groups, what was compared, and the groups too small to compare."""

    name: str
    groups: Groups
    too_small: tuple[str, ...]
    compared: Mapping[str, Compared] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fairness:
    """Differences among the groups of each column in ``data.sensitive``; the product ``fairness`` holds all rates.

    Each measure is the highest less the lowest of a rate over the groups, for the column where it is widest, and again
    under the column's name: demographic parity (also as a ratio), equal opportunity, false positives, equalised odds
    (the wider of these two; Hardt et al. 2016), predictive parity (Chouldechova 2017), and calibration within groups.
    Intervals (``_low``, ``_high``) are of the two groups at hand, by a bootstrap within groups. Warned of: differences
    of ``notable_difference`` whose interval leaves out 0, and a ratio below ``notable_ratio``, the four-fifths rule (29
    CFR 1607.4 D). Groups below ``minimum_rows`` are not compared. ``mitigated_difference`` is what thresholds for
    each group would leave of demographic parity, ``mitigation_price`` the balanced accuracy that they cost.
    """

    id: ClassVar[str] = "assurance.fairness"
    version: ClassVar[str] = "2"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()

    minimum_rows: int = 30
    notable_difference: float = 0.1
    notable_ratio: float = 0.8
    confidence: float = 0.95
    resamples: int = 1000

    def __post_init__(self) -> None:
        Bootstrap(self.resamples, self.confidence, seed=0)
        if self.minimum_rows < 1 or not 0 <= self.notable_ratio <= 1 or self.notable_difference < 0:
            raise InputError("minimum_rows, notable_ratio or notable_difference is out of range", where=self.id)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Compare the groups of the holdout of ``model``; skipped where no column has two groups large enough."""
        if not model.holdout.groups:
            note = Finding("fairness.nothing-compared", Severity.NOTE, "no sensitive column to compare", hint=NAME_ONE)
            return Examination.judged((note,), {"sensitive_columns": 0.0}, materials={"model": model.predictor.digest})
        obstacle = model.obstacle()
        if obstacle:
            return skipped("fairness.not-measured", obstacle)
        columns = [self._column(name, model) for name in model.holdout.groups]
        if not any(column.compared for column in columns):
            return skipped("fairness.not-measured", f"no two groups have {self.minimum_rows} rows in the holdout")
        findings = (*_left_out(columns), *(one for column in columns for one in self._findings(column)))
        products = {"fairness": canonical_json([_told(column) for column in columns if column.compared])}
        return Examination.judged(findings, _measures(columns, model), products, {"model": model.predictor.digest})

    def _column(self, name: str, model: ModelUnderTest) -> Column:
        groups, too_small = Groups.of(model.holdout.groups[name], self.minimum_rows)
        compared: dict[str, Compared] = {}
        for rate in rates_of(model.task, model.holdout.target, model.holdout_outputs):
            spread = groups.spread(rate)
            if spread and (rate.name not in compared or spread.difference > compared[rate.name].spread.difference):
                compared[rate.name] = Compared(rate, spread, *self._intervals(groups, rate, spread, model.seed))
        return Column(name, groups, too_small, compared)

    def _intervals(self, groups: Groups, rate: Rate, spread: Spread, seed: int) -> tuple[Interval, Interval]:
        """Intervals of the difference of two groups, and of the lower one as a share of the higher."""
        bootstrap = Bootstrap(self.resamples, self.confidence, seed)
        two = Groups(
            (groups.names[spread.highest], groups.names[spread.lowest]),
            groups.members[:, [spread.highest, spread.lowest]],
        )
        strata = (two.members @ np.array([1, 2])).astype(np.int64)
        drawn = bootstrap.distributions(
            lambda weights: dict(zip(("most", "least"), two.values(rate, weights).T, strict=True)), strata
        )
        difference = drawn["most"] - drawn["least"]
        ratio = drawn["least"] / np.where(drawn["most"] > 0, drawn["most"], np.nan)
        shares = np.clip(ratio[np.isfinite(ratio)], 0, None) if np.isfinite(ratio).any() else np.ones(1)
        return bootstrap.interval(difference[np.isfinite(difference)]), bootstrap.interval(shares)

    def _findings(self, column: Column) -> Iterator[Finding]:
        for name, one in column.compared.items():
            unequal = name == "selection" and one.ratio < self.notable_ratio
            if one.interval.low > 0 and (one.spread.difference >= self.notable_difference or unequal):
                highest, lowest = column.groups.names[one.spread.highest], column.groups.names[one.spread.lowest]
                yield Finding(
                    f"fairness.{_MEASURES[name].removesuffix('_difference').replace('_', '-')}",
                    Severity.WARNING,
                    f"{_WORDS[name]} is {one.spread.most:.3f} for {highest}, {one.spread.least:.3f} for {lowest} "
                    f"(difference {one.interval.low:.3f} to {one.interval.high:.3f})",
                    where=column.name,
                    hint="ask whether the difference is justified; if not, gather data, reweigh, or set thresholds",
                )


def _left_out(columns: list[Column]) -> Iterator[Finding]:
    for column in columns:
        if column.too_small:
            told = f"{counted(len(column.too_small), 'group is', 'groups are')} too small to compare"
            hint = "wait for more data, or join groups"
            yield Finding("fairness.small-groups", Severity.NOTE, told, where=column.name, hint=hint)


def _measures(columns: list[Column], model: ModelUnderTest) -> dict[str, float]:
    each = {column.name: _of_column(column, model) for column in columns if column.compared}
    widest: dict[str, float] = {}
    for name in dict.fromkeys(name for measures in each.values() for name in measures if not name.endswith(_ENDS)):
        pick = min if name.endswith("_ratio") else max
        at = pick((one for one in each.values() if name in one), key=lambda one: one[name])
        widest |= {told: at[told] for told in (name, *(f"{name}{end}" for end in _ENDS)) if told in at}
    named = {f"{column}.{name}": value for column, measures in each.items() for name, value in measures.items()}
    return {"sensitive_columns": float(len(each)), **widest, **named}


def _of_column(column: Column, model: ModelUnderTest) -> dict[str, float]:
    measures = {"groups": float(len(column.groups.names))}
    for name, one in column.compared.items():
        measures |= _with_bounds(_MEASURES[name], one.spread.difference, one.interval)
    odds = [column.compared[name] for name in ("tpr", "fpr") if name in column.compared]
    if odds:
        wider = max(odds, key=lambda one: one.spread.difference)
        measures |= _with_bounds("equalized_odds_difference", wider.spread.difference, wider.interval)
    if "selection" in column.compared:
        selection = column.compared["selection"]
        measures |= _with_bounds("demographic_parity_ratio", selection.ratio, selection.of_ratio)
    if model.task is Task.BINARY and "selection" in column.compared:
        measures |= _mitigated(column, model)
    return measures


def _with_bounds(name: str, value: float, interval: Interval) -> dict[str, float]:
    return {name: value, f"{name}_low": interval.low, f"{name}_high": interval.high}


def _mitigated(column: Column, model: ModelUnderTest) -> dict[str, float]:
    texts = model.train.groups[column.name].astype(str)
    members = (texts[:, None] == np.array(column.groups.names)[None, :]).astype(np.float64)
    if not members.any(axis=0).all():
        return {}
    train = (model.train_outputs[:, 1], Groups(column.groups.names, members))
    holdout = (model.holdout_outputs[:, 1], column.groups)
    evened = even_selection(train, holdout, model.holdout.target == 1)
    return {"mitigated_difference": evened.difference, "mitigation_price": evened.price}


def _told(column: Column) -> Json:
    rates: dict[str, Json] = {
        name: [None if np.isnan(value) else float(value) for value in _values(column, one)]
        for name, one in column.compared.items()
    }
    rows: list[Json] = [int(number) for number in column.groups.members.sum(axis=0)]
    return {"column": column.name, "groups": list(column.groups.names), "rows": rows, "rates": rates}


def _values(column: Column, one: Compared) -> list[float]:
    values: list[float] = column.groups.values(one.rate, once(len(one.rate.among)))[0].tolist()
    return values
