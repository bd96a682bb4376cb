"""What a private fit promises, told by the process that does not train: measures for the gate, and what is left out.

The accountant's numbers are computed here from the settings of the job, before anything runs. The child is not asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from secmlops.core.finding import Finding, Severity
from secmlops.runtime.signature import Signature
from secmlops.training.private.plan import Plan, plan_of
from secmlops.training.private.settings import Method, PrivateTraining

_WHERE = "training.private"


@dataclass(frozen=True, slots=True)
class Promise:
    """``plan`` is all that the child will do; ``epsilon`` at ``delta`` is what that costs."""

    plan: Plan
    epsilon: float
    delta: float

    @classmethod
    def of(cls, settings: PrivateTraining, signature: Signature, model: str) -> Self:
        """Plan a fit and account for it; for sgd raises InputError where Opacus is missing."""
        plan = plan_of(settings, signature, model)
        return cls(plan, plan.epsilon(settings.delta), settings.delta)

    def measures(self) -> dict[str, float]:
        """What evidence says: ``spent_on_preprocessing`` is the epsilon, at the same delta, of the looks alone."""
        plan = self.plan
        measured = {
            "epsilon": self.epsilon,
            "delta": self.delta,
            "noise_multiplier": plan.noise_multiplier,
            "steps": float(plan.steps),
            "sample_rate": plan.sample_rate,
            "clip_norm": plan.clip_norm,
            "rows_per_person": float(plan.rows_per_person),
            "spent_on_preprocessing": plan.epsilon_of_looks(self.delta),
        }
        return {f"private.{name}": value for name, value in measured.items()}

    def findings(self, rows: int) -> tuple[Finding, ...]:
        """What is promised of a model of so many ``rows``, and what is not."""
        return tuple(self._findings(rows))

    def _findings(self, rows: int) -> Iterator[Finding]:
        plan = self.plan
        unit = "row" if plan.rows_per_person == 1 else f"person of at most {plan.rows_per_person} rows"
        how = "Poisson samples, PRV accountant" if plan.method is Method.SGD else "all rows, exact GDP accounting"
        yield Finding(
            "private-promise",
            Severity.NOTE,
            f"with one {unit} more or less the model has nearly the same chances: epsilon {self.epsilon:.4g} at delta "
            f"{self.delta:.3g} ({plan.steps} steps over {how}); the noise comes from the operating system's generator, "
            "so training again gives another model, and spends as much again",
            _WHERE,
        )
        yield Finding(
            "private-scope",
            Severity.NOTE,
            "the promise is about the weights in the model's file: not about ranges and categories in its signature, "
            "measures of training rows and of the holdout, or other models of the same rows; no learning curve was "
            "made, which would have been further looks at them",
            _WHERE,
        )
        if self.delta * rows >= 1:
            yield Finding(
                "private-delta",
                Severity.WARNING,
                f"delta is {self.delta:g} and there are {rows} rows: to publish one whole row at random would do",
                _WHERE,
                f"take a delta far below {1 / rows:.1g}",
            )
