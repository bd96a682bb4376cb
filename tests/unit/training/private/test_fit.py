"""The whole private fit: what it asks to hide, what it promises, and what an attack makes of it."""

from collections.abc import Callable

import numpy as np
import pytest

from kits.recorded_noise import Recorded, mu_between
from secmlops.attack.epsilon import epsilon_lower_bound
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.answers import answers
from secmlops.training.export import export
from secmlops.training.private import fit as fitting
from secmlops.training.private.fit import private_fit
from secmlops.training.private.gaussian import composed, mu_of_steps
from secmlops.training.private.plan import Plan
from secmlops.training.transport import to_table

MODELS = {
    Task.BINARY: "logistic_regression",
    Task.MULTICLASS: "logistic_regression",
    Task.REGRESSION: "linear_regression",
}
PUBLIC = {
    "bounds": {"annual income": (-3.0, 3.0), "age": (-3.0, 3.0), "größe": (-3.0, 3.0)},
    "categories": {"purpose": ("car", "house"), "numeric": ("car",)},
}


def asked(
    monkeypatch: pytest.MonkeyPatch, plan: Plan, data: tuple[Examples, Signature, str], earlier: Recorded | None
) -> Recorded:
    """What a fit on these examples asks to hide."""
    examples, signature, model = data
    noise = Recorded(earlier)
    monkeypatch.setattr(fitting, "Noise", lambda: noise)
    private_fit(plan, signature, model)(to_table(examples.inputs, signature), examples.target, 0)
    return noise


def check_neighbours(monkeypatch: pytest.MonkeyPatch, plan: Plan, data: tuple, mu: float) -> float:
    """Mu between the fits with and without the last rows, as many as one person has: never above what is promised."""
    examples, signature, model = data
    fewer = examples.take(np.arange(len(examples) - plan.rows_per_person))
    whole = asked(monkeypatch, plan, data, None)
    told = mu_between(whole, asked(monkeypatch, plan, (fewer, signature, model), whole))
    assert told <= mu * (1 + 1e-9)
    return told


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("settings", [{}, PUBLIC, {"rows_per_person": 2}], ids=["found", "public", "two rows"])
def test_neighbouring_tables_are_no_further_apart_than_promised(
    monkeypatch: pytest.MonkeyPatch, planned: Callable[..., Plan], problem: Callable, task: Task, settings: dict
) -> None:
    examples, signature = problem(task)
    plan = planned(signature, MODELS[task], **settings)
    mu = composed(*plan.looks, mu_of_steps(plan.noise_multiplier, plan.steps))
    told = check_neighbours(monkeypatch, plan, (examples, signature, MODELS[task]), mu)
    assert told > mu / 20, "so little is hidden that the test tells nothing"


@pytest.mark.usefixtures("foreseen")
@pytest.mark.parametrize("task", list(Task))
def test_the_onnx_model_answers_as_the_fit_does(planned: Callable[..., Plan], problem: Callable, task: Task) -> None:
    examples, signature = problem(task)
    table = to_table(examples.inputs, signature)
    estimator = private_fit(planned(signature, MODELS[task]), signature, MODELS[task])(table, examples.target, 0)
    model = Predictor(export(estimator, signature), signature)
    given = answers(estimator, table, signature)
    np.testing.assert_allclose(model.predict(examples.inputs), given, rtol=1e-5, atol=1e-5)  # float32, of any size


def test_a_seed_does_not_give_the_noise_away(planned: Callable[..., Plan], problem: Callable) -> None:
    examples, signature = problem()
    fit = private_fit(planned(signature, **PUBLIC), signature, "logistic_regression")
    one, other = (fit(to_table(examples.inputs, signature), examples.target, 7)["model"].coef_ for _ in range(2))
    assert not np.allclose(one, other)


def test_it_learns_what_the_noise_leaves(bare: Callable[..., Plan], problem: Callable) -> None:
    examples, signature = problem(Task.REGRESSION, rows=1000)
    table = to_table(examples.inputs, signature)
    plan = bare(signature, "linear_regression", target_bounds=(-4.0, 5.0), steps=500)
    estimator = private_fit(plan, signature, "linear_regression")(table, examples.target, 0)
    assert np.corrcoef(estimator.predict(table), examples.target)[0, 1] > 0.9


CANARIES = 200


def audited(plan_of: Callable[..., Plan]) -> float:
    """Lower bound on epsilon from canaries, of which half were learnt: each is alone in a column of its own."""
    names = tuple(f"c{i}" for i in range(2 * CANARIES))
    signature = Signature(
        task=Task.BINARY,
        features=tuple(Feature(name=n, kind=FeatureKind.NUMERIC) for n in names),
        classes=("no", "yes"),
    )
    target = np.random.default_rng(2).integers(0, 2, 2 * CANARIES)
    alone = np.eye(2 * CANARIES, dtype=np.float32)
    table = to_table(Inputs(alone, np.empty((2 * CANARIES, 0), object)), signature)
    plan = plan_of(signature, epsilon=1.0, bounds=dict.fromkeys(names, (-1.0, 1.0)), clip_norm=2.0)
    estimator = private_fit(plan, signature, "logistic_regression")(table.slice(0, CANARIES), target[:CANARIES], 0)
    chances = estimator.predict_proba(table)
    score = chances[np.arange(2 * CANARIES), target] - chances.mean(axis=0)[target]
    return epsilon_lower_bound(score, np.arange(2 * CANARIES) < CANARIES, delta=1e-5)


def test_a_fit_that_leaves_out_its_noise_is_found_out(bare: Callable[..., Plan]) -> None:
    assert audited(bare) > 3


@pytest.mark.usefixtures("foreseen")
def test_a_sound_fit_is_not_found_out(planned: Callable[..., Plan]) -> None:
    assert audited(planned) < 1
