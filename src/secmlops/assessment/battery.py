"""The battery: its parts by name, the control that each one runs, quickly or fully, and what is read off its evidence.

To add a test, add a part. A part that cannot be run on a model says so itself: its control is skipped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from secmlops.assessment.tried import AUDIT
from secmlops.assurance.attributes import Attributes
from secmlops.assurance.backdoor import Backdoor
from secmlops.assurance.calibration import Calibration
from secmlops.assurance.evasion import Evasion
from secmlops.assurance.explain import Explain
from secmlops.assurance.fairness import Fairness
from secmlops.assurance.fit import Fit
from secmlops.assurance.hardening import Hardening
from secmlops.assurance.inversion import Inversion
from secmlops.assurance.membership import Membership
from secmlops.assurance.poison_price import PoisonPrice
from secmlops.assurance.slices import Slices
from secmlops.core.control import Control
from secmlops.core.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a threat, the attack or test that was tried, and the first of ``measures`` that is there.

    ``worst`` and ``good`` are the ends of the measure; ``answer`` names the control that answers the threat.
    """

    threat: str
    attack: str
    measures: tuple[str, ...]
    answer: str

    def measure(self, evidence: Evidence) -> str | None:
        """Name of the measure that the evidence has; None where it has none of them."""
        return next((name for name in self.measures if name in evidence.measures), None)


@dataclass(frozen=True, slots=True)
class Part:
    """A test by name: the control it runs when time is short, the one it runs otherwise, and its lines.

    ``asked`` tells about how many rows the control asks the model about, for an estimate of its time, and ``rest`` how
    many seconds it takes beside that; ``budget`` says in words what the attacker spent.
    """

    name: str
    quick: Control[Any]
    full: Control[Any]
    lines: tuple[Line, ...]
    asked: Callable[[Any], float]
    budget: Callable[[Any], str]
    rest: float = 1.0

    def control(self, quick: bool) -> Control[Any]:
        """Return the control to run."""
        return self.quick if quick else self.full


_FULL_BUDGETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
_EVASION_MEASURES = ("robust_accuracy_at_0.25",)
_THIEVES = "random, natural, active, Jacobian"


def _evasion_asked(control: Any) -> float:
    return float(control.rows * control.queries * len(control.attacks))


def _hardening_asked(control: Any) -> float:
    return float(4 * control.queries * (1 + len(control.outputs)))


BATTERY: tuple[Part, ...] = (
    Part(
        "evasion",
        Evasion(),
        Evasion(budgets=_FULL_BUDGETS, rows=500, queries=2_000, attacks=("hop_skip_jump", "apgd", "deepfool")),
        (Line("rows changed to get another answer", "HopSkipJump, APGD", _EVASION_MEASURES, "serving guard"),),
        _evasion_asked,
        lambda control: f"cost 0.25 (standard deviations), {control.queries} queries a row",
    ),
    Part(
        "membership",
        Membership(references=4, candidates=500),
        Membership(references=16),
        (
            Line("telling who was learned from", "RMIA, LiRA, labels", ("tpr_at_1pct",), "hardened outputs"),
            Line("refuting a promised epsilon", AUDIT, ("epsilon_low",), "private training"),
        ),
        lambda control: float(2 * control.candidates * (2 + control.copies)),
        lambda control: f"{control.references} reference models",
    ),
    Part(
        "attributes",
        Attributes(rows=300),
        Attributes(),
        (Line("guessing a sensitive column", "fit of the label", ("advantage",), "leaving it out"),),
        lambda control: float(10 * control.rows),
        lambda control: f"{control.rows} persons",
    ),
    Part(
        "inversion",
        Inversion(starts=12, rounds=20),
        Inversion(),
        (Line("picturing those of a class", "climbing the score", ("reconstruction_gain",), "private training"),),
        lambda control: float(20 * control.starts * control.rounds),
        lambda control: f"{control.starts} starts a class, {control.rounds} rounds",
    ),
    Part(
        "extraction",
        Hardening(points=3),
        Hardening(queries=2_000, points=7),
        (
            Line("copying the model", _THIEVES, ("unchanged.extraction_agreement",), "limits, client watch"),
            Line("copying from labels alone", _THIEVES, ("label_only.extraction_agreement",), "limits, client watch"),
        ),
        _hardening_asked,
        lambda control: f"{control.queries} queries",
        4.0,
    ),
    Part(
        "backdoor",
        Backdoor(widest=2, values=16, probes=10),
        Backdoor(values=48),
        (Line("a planted trigger", "reverse engineering", ("trigger_success",), "knowing who trained it"),),
        lambda control: float(4_000 * control.probes * control.widest),
        lambda control: f"patterns of up to {control.widest} columns",
        3.0,
    ),
    Part(
        "poison",
        PoisonPrice(budgets=(1.0, 5.0), repeats=2),
        PoisonPrice(repeats=10),
        (
            Line("poisoned labels", "targeted flips", ("targeted_per_percent",), "data.label_errors"),
            Line("a trigger planted in 1% of the rows", "two columns", ("trigger_success_at_1",), "data.poisoning"),
        ),
        lambda _: 0.0,
        lambda control: f"up to {max(control.budgets):g}% of the rows",
        3.0,
    ),
    Part(
        "fit",
        Fit(),
        Fit(resamples=1_000),
        (
            Line("overfitting", "training rows against the holdout", ("gap",), "a simpler model, more rows"),
            Line("a model too simple or too complex", "others by capacity", ("complexity_shortfall",), "that capacity"),
        ),
        lambda _: 0.0,
        lambda control: f"{control.resamples} resamples",
    ),
    Part(
        "slices",
        Slices(),
        Slices(),
        (Line("a corner in which the model fails", "all columns and pairs", ("worst_ratio",), "more data there"),),
        lambda _: 0.0,
        lambda control: f"slices of {control.minimum_rows} rows",
    ),
    Part(
        "fairness",
        Fairness(),
        Fairness(),
        (
            Line("groups treated unlike", "selection", ("demographic_parity_ratio",), "thresholds by group"),
            Line("groups served unlike", "errors", ("equalized_odds_difference",), "thresholds by group"),
        ),
        lambda _: 0.0,
        lambda control: f"groups of {control.minimum_rows} rows",
    ),
    Part(
        "calibration",
        Calibration(),
        Calibration(),
        (
            Line(
                "probabilities that do not come true", "reliability", ("ece_debiased", "in_the_large"), "recalibration"
            ),
        ),
        lambda _: 0.0,
        lambda control: f"{control.bins} bins",
    ),
    Part(
        "reasons",
        Explain(),
        Explain(rows=200),
        (
            Line(
                "reasons that do not fit the answers", "taking features away", ("agreement",), "other reasons, or none"
            ),
        ),
        lambda _: 0.0,
        lambda control: f"{control.rows} rows",
    ),
)
