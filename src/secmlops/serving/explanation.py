"""The answer to ``POST /v2/models/NAME/explain``: what moved each row's answer, in numbers and in words."""

from collections.abc import Iterable, Mapping

from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.core.task import Task
from secmlops.explain.explainer import Explainer
from secmlops.explain.explanation import Explanation
from secmlops.explain.reasons import values_of
from secmlops.explain.sampling import Predicts
from secmlops.runtime.signature import PREDICTION_OUTPUT, Inputs, Signature

MAX_EXPLAINED_ROWS = 32
"""Rows of one request: an explanation takes hundreds of times as long as a prediction."""
_WORDS = frozenset({"explained", "scale", "method", "reasons", "against"})


def explained(explainer: Explainer, model: Predicts, signature: Signature, inputs: Inputs) -> list[Json]:
    """JSON of the explanation of each row of ``inputs``, by the ``explainer`` of ``model``.

    ``contributions`` are the features by falling size, each with its ``value`` (null: missing); ``reasons`` are phrases
    that speak for what was ``decided``, ``against`` those that speak against it, at most four each. Raises InputError
    for more than ``MAX_EXPLAINED_ROWS`` rows, or a number that is infinite.
    """
    if len(inputs) > MAX_EXPLAINED_ROWS:
        hint = f"at most {MAX_EXPLAINED_ROWS} at a time"
        raise InputError(f"{len(inputs)} rows are too many to explain", where="inputs", hint=hint)
    explanation = explainer.explain(inputs, model)
    return [_row(explainer, signature, explanation, inputs, row) for row in range(len(inputs))]


def in_words(rows: Iterable[Json]) -> list[Json]:
    """The same explanations without a number: a base and its contributions would add up to the scores."""
    return [{name: one for name, one in row.items() if name in _WORDS} for row in rows if isinstance(row, Mapping)]


def _row(explainer: Explainer, signature: Signature, explanation: Explanation, inputs: Inputs, row: int) -> Json:
    reasons = explainer.wording.reasons(explanation, inputs, row)
    return {
        "explained": _explained(signature, explanation, row),
        "decided": reasons.decided,
        "base": float(explanation.base[row]),
        "output": float(explanation.output[row]),
        "scale": str(explanation.scale),
        "method": str(explanation.method),
        "contributions": _contributions(signature, explanation, inputs, row),
        "reasons": list(reasons.for_it),
        "against": list(reasons.against_it),
    }


def _explained(signature: Signature, explanation: Explanation, row: int) -> str:
    if signature.task is Task.REGRESSION:
        return PREDICTION_OUTPUT
    return signature.classes[int(explanation.explained[row])]


def _contributions(signature: Signature, explanation: Explanation, inputs: Inputs, row: int) -> list[Json]:
    found = zip(
        signature.features,
        values_of(signature, inputs, row),
        explanation.contributions[row].tolist(),
        explanation.standard_error[row].tolist(),
        strict=True,
    )
    ranked = sorted(found, key=lambda one: -abs(one[2]))
    return [
        {"feature": feature.name, "value": value, "contribution": contribution, "standard_error": error}
        for feature, value, contribution, error in ranked
    ]
