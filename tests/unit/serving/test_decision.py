"""Decisions: the model behind its guard, for one request as for several together, and the fixed answer."""

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.detect.guard import Guard
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.serving.decision import Decider, Decision, fallback_scores
from secmlops.serving.settings import GuardPolicy

CLASSES = Signature(
    task=Task.BINARY, features=(Feature(name="a", kind=FeatureKind.NUMERIC),), classes=("good", "bad", "7")
)
QUANTITY = Signature(task=Task.REGRESSION, features=CLASSES.features)


def rows(*values: float) -> Inputs:
    numbers = np.array([[value, 1 - value] for value in values], np.float32)
    return Inputs(numbers.reshape(-1, 2), np.empty((len(values), 0), object))


@pytest.fixture(scope="module")
def guard() -> Guard:
    rng = np.random.default_rng(3)
    return Guard.fit(rows(*rng.uniform(0, 1, 400)), rows(*rng.uniform(0, 1, 200)), 0.02, rng)


FAR = 60.0


def test_without_a_guard_nothing_is_strange(echo, guard) -> None:
    for decider in (Decider(echo()), Decider(echo(), guard, GuardPolicy.OFF)):
        decision = decider(rows(0.25, 0.75))
        assert decision.scores.tolist() == [[0.25, 0.75], [0.75, 0.25]]
        assert (decision.strange, decision.flagged) == (None, 0)


def test_with_one_each_row_is_judged_and_the_scores_are_the_models(echo, guard, monkeypatch) -> None:
    monkeypatch.setattr(guard, "flags", lambda inputs: inputs.numeric[:, 0] > 0.7)
    decision = Decider(echo(), guard)(rows(0.25, 0.75))
    assert decision.scores.tolist() == [[0.25, 0.75], [0.75, 0.25]]
    assert decision.strange.tolist() == [False, True]
    assert decision.flagged == 1


def test_a_guard_finds_the_strange_one(guard) -> None:
    assert guard.flags(rows(0.5, FAR)).tolist() == [False, True]


def test_only_the_strange_rows_get_the_fixed_answer(echo, guard, monkeypatch) -> None:
    monkeypatch.setattr(guard, "flags", lambda inputs: inputs.numeric[:, 0] > 0.7)
    decider = Decider(echo(), guard, GuardPolicy.FALLBACK, np.array([1.0, 0.0]))
    assert decider(rows(0.25, 0.75, 0.5)).scores.tolist() == [[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]]
    assert decider(rows(0.25)).scores.tolist() == [[0.25, 0.75]]


@pytest.mark.parametrize("guarded", [False, True])
def test_several_together_are_decided_as_each_alone(echo, guard, guarded: bool) -> None:
    decider = Decider(echo(), guard if guarded else None)
    asked = [rows(0.25), rows(0.5, 1.0, 0.0), rows(0.75, 0.125)]
    for together, alone in zip(decider.together(asked), map(decider, asked), strict=True):
        assert together.scores.tolist() == alone.scores.tolist()
        assert guarded is (together.strange is not None)
        if guarded:
            assert together.strange.tolist() == alone.strange.tolist()


def test_a_part_is_a_part_of_both() -> None:
    whole = Decision(np.arange(6.0).reshape(3, 2), np.array([True, False, True]))
    part = whole.part(1, 3)
    assert (part.scores.tolist(), part.strange.tolist(), part.flagged) == ([[2, 3], [4, 5]], [False, True], 1)
    assert Decision(whole.scores).part(0, 1).strange is None


@pytest.mark.parametrize(("answer", "scores"), [("bad", [0, 1, 0]), ("7", [0, 0, 1]), (7, [0, 0, 1])])
def test_a_class_as_a_fixed_answer(answer, scores) -> None:
    assert fallback_scores(CLASSES, answer).tolist() == scores


@pytest.mark.parametrize("answer", ["ugly", None, 7.5, "", "Bad"])
def test_what_is_no_class_is_told_with_those_there_are(answer) -> None:
    with pytest.raises(InputError, match="one of good, bad, 7"):
        fallback_scores(CLASSES, answer)


@pytest.mark.parametrize(("answer", "scores"), [(3, [3.0]), (-2.5, [-2.5])])
def test_a_quantity_as_a_fixed_answer(answer, scores) -> None:
    assert fallback_scores(QUANTITY, answer).tolist() == scores


@pytest.mark.parametrize("answer", ["3", None, float("nan"), float("inf")])
def test_what_is_no_quantity_is_told(answer) -> None:
    with pytest.raises(InputError, match="is a number"):
        fallback_scores(QUANTITY, answer)
