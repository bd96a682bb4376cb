"""Every attack against distances that are known, and what a trial makes of several."""

import numpy as np
import pytest

from secmlops.attack.evasion.attack import Kind, Knowledge
from secmlops.attack.evasion.hunt import Effort, Targets
from secmlops.attack.evasion.perturbations import Norm
from secmlops.attack.evasion.trial import ATTACKS, Setting, Trial, attack_all, masking
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

SLOPES = [name for name, attack in ATTACKS.items() if attack.kind is Kind.GRADIENT]


def tried(world, *names: str, effort: Effort | None = None, knowledge=None, oracle=None, **changes) -> Trial:
    setting = Setting(world.targets, oracle or world.plane.predict, world.allowed(**changes), effort or Effort(600))
    return attack_all(setting, knowledge or world.knowledge, [ATTACKS[name] for name in names], seed=1)


@pytest.mark.parametrize("name", ["deepfool", "pgd", "apgd"])
def test_attacks_of_slopes_find_the_distance_to_a_plane(plane_world, name: str):
    trial = tried(plane_world, name)
    exact = plane_world.plane.distance(plane_world.rows)
    assert (trial.cost >= exact * (1 - 1e-5)).all()
    assert np.median(trial.cost / exact) < 1.03


def test_one_step_of_fgsm_finds_the_smallest_of_its_budgets_that_is_enough(plane_world):
    exact = plane_world.plane.distance(plane_world.rows)
    budgets = (0.25, 0.5, 1.0, 2.0)
    cost = tried(plane_world, "fgsm", effort=Effort(50, budgets)).cost
    enough = [next((b for b in budgets if b > d), np.inf) for d in exact]
    np.testing.assert_allclose(cost, enough, rtol=1e-6)


@pytest.mark.parametrize("name", ATTACKS)
def test_at_a_budget_robust_are_the_rows_that_are_further_from_the_plane(plane_world, name: str):
    exact = plane_world.plane.distance(plane_world.rows)
    trial = tried(plane_world, name, effort=Effort(600, (0.5, 1.0)))
    for budget in (0.5, 1.0):
        assert not (trial.robust(budget) < (exact > budget)).any()
        assert (trial.robust(budget) == (exact > budget)).mean() >= 0.75
    assert trial.attempts[0].queries.max() <= 600


@pytest.mark.parametrize("name", ["pgd", "apgd", "deepfool", "square"])
def test_the_largest_change_counts_under_linf(plane_world, name: str):
    exact = np.abs(plane_world.plane.odds(plane_world.rows)) / np.abs(plane_world.plane.weights).sum()
    trial = tried(plane_world, name, norm=Norm.LINF, effort=Effort(1_000, (0.1, 0.2, 0.4)))
    found = np.isfinite(trial.cost)
    assert (trial.cost[found] >= exact[found] * (1 - 1e-5)).all()
    assert (trial.robust(0.2) == (exact > 0.2)).mean() >= 0.85


@pytest.mark.parametrize("name", ATTACKS)
def test_a_row_that_the_model_has_wrong_costs_nothing_and_is_left_alone(plane_world, name: str):
    truth = 1 - plane_world.targets.truth
    setting = Setting(Targets(plane_world.rows, truth), plane_world.plane.predict, plane_world.allowed(), Effort(100))
    trial = attack_all(setting, plane_world.knowledge, [ATTACKS[name]], seed=0)
    assert (trial.cost == 0).all()
    assert (trial.attempts[0].queries == 1).all()
    assert not trial.robust(0).any()


@pytest.mark.parametrize("name", ATTACKS)
def test_whole_numbers_stay_whole_and_missing_ones_missing(plane_world, name: str):
    values = np.round(plane_world.rows.numeric * 3)
    values[:, 2] = np.nan
    rows = Inputs(values, plane_world.rows.categorical)

    def oracle(inputs: Inputs) -> np.ndarray:
        filled = Inputs(np.nan_to_num(inputs.numeric), inputs.categorical)
        return plane_world.plane.predict(filled)

    integer = np.arange(8) < 4
    allowed = plane_world.allowed(integer=integer)
    setting = Setting(Targets(rows, oracle(rows).argmax(axis=1)), oracle, allowed, Effort(300, (1.0, 4.0)))
    knowledge = Knowledge(
        rows,
        oracle(rows),
        lambda inputs, pull: plane_world.plane.gradient(
            Inputs(np.nan_to_num(inputs.numeric), inputs.categorical), pull
        ),
    )
    changed = attack_all(setting, knowledge, [ATTACKS[name]], seed=0).changed.numeric
    assert np.isnan(changed[:, 2]).all()
    np.testing.assert_allclose(changed[:, [0, 1, 3]] % 1, 0, atol=1e-5)
    assert (changed[:, 4:] != values[:, 4:]).any()


def test_the_same_seed_gives_the_same_rows(plane_world):
    once, again = (tried(plane_world, "hop_skip_jump", effort=Effort(200)) for _ in range(2))
    np.testing.assert_array_equal(once.changed.numeric, again.changed.numeric)
    np.testing.assert_array_equal(once.cost, again.cost)


def test_of_several_attacks_the_cheapest_change_counts(plane_world):
    trial = tried(plane_world, "fgsm", "apgd", "transfer", effort=Effort(300))
    np.testing.assert_array_equal(trial.cost, np.min([a.cost for a in trial.attempts], axis=0))
    called = plane_world.plane.predict(trial.changed).argmax(axis=1)
    assert (called != plane_world.targets.truth).all()


@pytest.mark.parametrize("name", SLOPES)
def test_without_a_gradient_an_attack_of_slopes_is_not_run(plane_world, name: str):
    blind = Knowledge(plane_world.pool, plane_world.plane.predict(plane_world.pool), None, "it is a forest")
    attempt = tried(plane_world, name, knowledge=blind).attempts[0]
    assert attempt.obstacle == "it is a forest"
    assert np.isinf(attempt.cost).all()


def test_steps_that_hide_the_slope_are_found(plane_world):
    """The answer is the plane's, but in steps: the slope is 0 almost everywhere."""

    def stepped(inputs: Inputs) -> np.ndarray:
        event = np.where(plane_world.plane.odds(inputs) > 0, 0.9, 0.1)
        return np.stack([1 - event, event], axis=1)

    flat = Knowledge(plane_world.pool, stepped(plane_world.pool), lambda inputs, _: np.zeros(inputs.numeric.shape))
    trial = tried(plane_world, "apgd", "hop_skip_jump", knowledge=flat, oracle=stepped, effort=Effort(300, (0.5, 1.0)))
    hidden = masking(trial, (0.5, 1.0))
    assert hidden is not None
    assert hidden > 0.3


def test_an_honest_slope_hides_nothing(plane_world):
    trial = tried(plane_world, "apgd", "hop_skip_jump", effort=Effort(300, (0.5, 1.0)))
    hidden = masking(trial, (0.5, 1.0))
    assert hidden is not None
    assert hidden <= 0.05
    assert masking(tried(plane_world, "apgd"), (0.5,)) is None


def test_a_prediction_is_moved_by_more_than_the_shift(plane_world):
    def predict(inputs: Inputs) -> np.ndarray:
        return plane_world.plane.odds(inputs)[:, None]

    def gradient(inputs: Inputs, pull) -> np.ndarray:
        return pull(predict(inputs)) * plane_world.plane.weights

    targets = Targets(plane_world.rows, predict(plane_world.rows)[:, 0], shift=2.0)
    exact = 2.0 / np.linalg.norm(plane_world.plane.weights)
    knowledge = Knowledge(plane_world.pool, predict(plane_world.pool), gradient)
    for name in ("hop_skip_jump", "apgd", "deepfool"):
        setting = Setting(targets, predict, plane_world.allowed(), Effort(600))
        cost = attack_all(setting, knowledge, [ATTACKS[name]], seed=0).cost
        assert (cost >= exact * (1 - 1e-5)).all()
        assert np.median(cost) < 1.05 * exact, name


def test_what_cannot_be_is_refused(plane_world):
    with pytest.raises(InputError, match="needs an attack"):
        tried(plane_world)
    with pytest.raises(InputError, match="one query"):
        Effort(0)
    with pytest.raises(InputError, match="above 0"):
        Effort(1, (0.0,))
    with pytest.raises(InputError, match="moved by more than 0"):
        Targets(plane_world.rows, np.zeros(20))
    with pytest.raises(InputError, match="20 rows to attack, and 3"):
        Targets(plane_world.rows, np.zeros(3, np.int64))
