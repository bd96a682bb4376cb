"""One decision: what the guard thinks of the rows, what the model answers, and what the policy makes of both."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.detect.guard import Guard
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs, Signature
from secmlops.serving.settings import GuardPolicy

Scores = npt.NDArray[np.float64]


class Decision(msgspec.Struct, frozen=True, gc=False):
    """Scores [n, k] of n rows, and which of them the guard finds strange, [n]; None where there is no guard."""

    scores: Scores
    strange: npt.NDArray[np.bool_] | None = None

    @property
    def flagged(self) -> int:
        """How many rows the guard finds strange."""
        return 0 if self.strange is None else self.strange.tolist().count(True)  # for a row or two NumPy takes longer

    def part(self, start: int, end: int) -> "Decision":
        """Return the decision on some of the rows."""
        return Decision(self.scores[start:end], None if self.strange is None else self.strange[start:end])


@dataclass(frozen=True, slots=True)
class Decider:
    """The model behind its guard. ``fallback`` [k] is answered to strange rows under that policy."""

    predictor: Predictor
    guard: Guard | None = None
    policy: GuardPolicy = GuardPolicy.FLAG
    fallback: Scores | None = None

    def __call__(self, inputs: Inputs) -> Decision:
        """Decide on rows; each on its own, whatever it comes with. Raises what the predictor raises."""
        if self.guard is None or self.policy is GuardPolicy.OFF:
            return Decision(self.predictor.predict(inputs))
        strange = self.guard.flags(inputs)
        scores = self.predictor.predict(inputs)
        if self.fallback is not None and strange.any():
            scores = np.where(strange[:, None], self.fallback, scores)
        return Decision(scores, strange)

    def together(self, several: Sequence[Inputs]) -> list[Decision]:
        """Decide on the rows of several requests in one call of the model."""
        numeric = np.concatenate([inputs.numeric for inputs in several])
        categorical = np.concatenate([inputs.categorical for inputs in several])
        decision, decisions, start = self(Inputs(numeric, categorical)), list[Decision](), 0
        for inputs in several:
            decisions.append(decision.part(start, start + len(inputs)))
            start += len(inputs)
        return decisions


def fallback_scores(signature: Signature, answer: str | float | None) -> Scores:
    """Scores [k] that stand for a fixed answer: one of the classes, or a quantity.

    Raises InputError when it is not an answer that the model could give.
    """
    if not signature.task.is_classification:
        if isinstance(answer, str) or answer is None or not math.isfinite(answer):
            raise InputError("the fallback of a regressor is a number", where="serving.guard.fallback")
        return np.array([float(answer)])
    if str(answer) not in signature.classes:
        allowed = ", ".join(signature.classes)
        raise InputError(
            f"{answer!r} is no class of the model", where="serving.guard.fallback", hint=f"one of {allowed}"
        )
    return np.array([float(name == str(answer)) for name in signature.classes])
