"""The plan spends what was asked for and no more, and tells what for."""

from collections.abc import Callable

import pytest

from secmlops.core.task import Task
from secmlops.training.private.gaussian import composed, epsilon_of, mu_of_steps
from secmlops.training.private.plan import Plan

ALL_PUBLIC = {
    "bounds": {"annual income": (-3.0, 3.0), "age": (-3.0, 3.0), "größe": (-3.0, 3.0)},
    "categories": {"purpose": ("car", "house"), "numeric": ("car", "house")},
}


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 3.0, 10.0])
@pytest.mark.parametrize("public", [{}, ALL_PUBLIC], ids=["all to be found", "all public"])
def test_the_accountant_ends_at_the_epsilon_that_was_asked_for(
    planned: Callable[..., Plan], problem: Callable, epsilon: float, public: dict
) -> None:
    plan = planned(problem()[1], epsilon=epsilon, **public)
    assert epsilon * (1 - 1e-6) < plan.epsilon(1e-5) <= epsilon
    assert plan.epsilon_of_looks(1e-5) < (0.1 if public else 0.5) * epsilon


def test_it_adds_up_by_hand(planned: Callable[..., Plan], problem: Callable) -> None:
    plan = planned(problem()[1], **ALL_PUBLIC)
    assert (plan.looks[1], plan.categories_delta, plan.sample_rate) == (0.0, 0.0, 1.0)
    mu = composed(plan.looks[0], mu_of_steps(plan.noise_multiplier, plan.steps))
    assert plan.epsilon(1e-5) == epsilon_of(mu, 1e-5)


def test_what_is_not_public_is_paid_for(planned: Callable[..., Plan], problem: Callable) -> None:
    _, signature = problem(Task.REGRESSION)
    public = planned(signature, "linear_regression", target_bounds=(0.0, 1.0), **ALL_PUBLIC)
    target = planned(signature, "linear_regression", **ALL_PUBLIC)
    lists = planned(signature, "linear_regression", target_bounds=(0.0, 1.0), bounds=ALL_PUBLIC["bounds"])
    assert public.noise_multiplier < target.noise_multiplier
    assert target.looks[1] > 0 == target.categories_delta
    assert lists.looks[1] == 0 < lists.categories_delta


def test_without_noise_nothing_is_promised(bare: Callable[..., Plan], problem: Callable) -> None:
    assert bare(problem()[1]).epsilon(1e-5) == float("inf")
