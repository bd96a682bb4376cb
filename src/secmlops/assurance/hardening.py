"""The control that measures what hardened outputs take from an attacker, and what they take from honest users."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

import msgspec

from secmlops.assurance.exposure import Exposure
from secmlops.assurance.subject import ModelUnderTest, skipped
from secmlops.assurance.thefts import UNCHANGED, Thefts
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.runtime.hardening import Hardening as Outputs
from secmlops.trust.canonical import canonical_json

LEAST_ROWS = 20
"""Of the training data, and of the holdout, which serves as two."""
Settings: TypeAlias = Mapping[str, bool | int | float]
"""Settings of outputs, as in the project file: ``noise``, ``digits``, ``top``, ``label_only``."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def usual_outputs() -> dict[str, Settings]:
    """Return the settings that are tried when nobody says otherwise, by name."""
    return {
        "digits_2": {"digits": 2},
        "digits_1": {"digits": 1},
        "top_1": {"top": 1},
        "label_only": {"label_only": True},
        "slight_noise": {"noise": 0.1},
        "strong_noise": {"noise": 0.5},
    }


@dataclass(frozen=True, slots=True)
class Hardening:
    """Attacks the model through each of the settings ``outputs``, and through outputs that are ``unchanged``.

    Measures, each as ``SETTING.NAME``: ``membership_auc`` (with ``_low`` and ``_high``, a 95% interval) and
    ``membership_tpr_at_1pct`` of RMIA with two pairs of reference models, for classifiers; ``extraction_agreement``
    (with ``_low`` and ``_high``), the best that a thief's copy agrees with the model after ``queries`` queries by
    random rows, natural rows, Jacobian augmentation or active learning, averaged over the classes (a regression: R
    squared); ``queries_for_90pct``, ``queries_for_95pct`` and ``queries_for_99pct``, the fewest from which on a copy
    agreed so well, each there only where that was reached; and what honest users lose on the holdout: ``auc_loss``
    (``r2_loss``), ``brier_loss``, ``changed_labels``. Copies are judged after ``points`` numbers of queries, each half
    of the next; the product ``extraction`` tells all of them, by setting and thief. Membership is left out where it is
    not known which rows the model learned from. It never fails: it warns where the model, unchanged, tells members by
    more than ``notable_membership``, and notes a copy better than ``notable_agreement``.
    """

    id: ClassVar[str] = "assurance.hardening"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = (
        "atlas:AML.T0024.000",
        "atlas:AML.T0024.002",
        "owasp-ml:ML04",
        "owasp-ml:ML05",
        "nist-ai-100-2:NISTAML.031",
        "nist-ai-100-2:NISTAML.033",
    )

    outputs: Mapping[str, Settings] = field(default_factory=usual_outputs)
    queries: int = 300
    points: int = 2
    notable_membership: float = 0.6
    notable_agreement: float = 0.95

    def __post_init__(self) -> None:
        if not 1 <= self.queries <= 100_000:
            raise InputError("a thief asks 1 to 100,000 queries", where="queries")
        if not 1 <= self.points <= 16:
            raise InputError("copies are judged at 1 to 16 numbers of queries", where="points")
        if not (0.5 <= self.notable_membership <= 1 and 0 <= self.notable_agreement <= 1):
            raise InputError("notable_membership lies from 0.5 to 1, notable_agreement from 0 to 1", where=self.id)
        for name, settings in self.outputs.items():
            if not _NAME.fullmatch(name) or name == UNCHANGED:
                what = "a name of output settings has small letters, digits and underscores, and is not `unchanged`"
                raise InputError(what, where="outputs")
            _read(settings)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Attack ``model`` through each setting; skipped where the rows are too few to tell."""
        if obstacle := _obstacle(model):
            return skipped("hardening.not-measured", obstacle)
        exposure, tried = Exposure(model), self._tried(model)
        budgets = sorted({max(1, self.queries >> halved) for halved in range(self.points)})
        thefts = Thefts(budgets, exposure.extraction(tried, budgets))
        measures = {"rows": float(len(model.holdout))}
        for name, outputs in tried.items():
            told = {**_membership(model, exposure, outputs), **thefts.measures(name), **exposure.loss(outputs)}
            measures |= {f"{name}.{measure}": value for measure, value in told.items()}
        findings = (*self._weigh_membership(measures), *self._weigh_copies(measures, exposure))
        products = {"extraction": canonical_json(thefts.told())}
        return Examination.judged(findings, measures, products, {"model": model.predictor.digest})

    def _tried(self, model: ModelUnderTest) -> dict[str, Outputs]:
        """Settings by name; of a quantity those that do something to it."""
        read = {UNCHANGED: Outputs()} | {name: _read(settings) for name, settings in self.outputs.items()}
        if model.task.is_classification:
            return read
        return {name: o for name, o in read.items() if name == UNCHANGED or o.noise is not None or o.digits is not None}

    def _weigh_membership(self, measures: Mapping[str, float]) -> Iterator[Finding]:
        area = measures.get(f"{UNCHANGED}.membership_auc", 0.5)
        if area > self.notable_membership and measures[f"{UNCHANGED}.membership_auc_low"] > 0.5:
            best = min(self.outputs, key=lambda name: measures[f"{name}.membership_auc"], default=UNCHANGED)
            yield Finding(
                "hardening.members-told",
                Severity.WARNING,
                f"whether a row was learned from can be told with an AUC of {area:.2f}; "
                f"{measures[f'{UNCHANGED}.membership_tpr_at_1pct']:.1%} of them at 1% false alarms",
                hint=f"a simpler model; or show less: {best} leaves {measures[f'{best}.membership_auc']:.2f}",
            )

    def _weigh_copies(self, measures: Mapping[str, float], exposure: Exposure) -> Iterator[Finding]:
        if exposure.says_one_thing:
            yield Finding(
                "hardening.one-answer",
                Severity.NOTE,
                "the model gives one answer to all rows that a copy is judged by: agreement with it says nothing",
            )
        agreement = measures[f"{UNCHANGED}.extraction_agreement"]
        if agreement >= self.notable_agreement:
            yield Finding(
                "hardening.copied",
                Severity.NOTE,
                f"{self.queries} queries buy a copy that agrees on {agreement:.1%}",
                hint="limit the queries of a client by the day, and let the watch block",
            )


def _read(settings: Settings) -> Outputs:
    try:
        return msgspec.convert(dict(settings), Outputs)
    except msgspec.ValidationError as error:
        raise InputError(f"not settings of outputs: {error}", where="outputs") from None


def _obstacle(model: ModelUnderTest) -> str:
    if min(len(model.train), len(model.holdout)) < LEAST_ROWS:
        have = f"{len(model.train)} training and {len(model.holdout)} holdout rows"
        return f"{have}; {LEAST_ROWS} of each are needed"
    return model.obstacle()


def _membership(model: ModelUnderTest, exposure: Exposure, outputs: Outputs) -> dict[str, float]:
    if not (model.task.is_classification and model.members_known):
        return {}
    roc = exposure.membership(outputs)
    low, high = roc.auc_interval()
    area = {"membership_auc": roc.auc, "membership_auc_low": low, "membership_auc_high": high}
    return {**area, "membership_tpr_at_1pct": roc.true_positive_rate(0.01)}
