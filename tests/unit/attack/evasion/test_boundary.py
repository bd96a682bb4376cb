"""The attack of decisions against distances that are known."""

import numpy as np

from secmlops.attack.evasion.attack import Knowledge
from secmlops.attack.evasion.boundary import Boundary
from secmlops.attack.evasion.hunt import Effort, Hunt, Targets
from secmlops.attack.evasion.perturbations import Perturbations
from secmlops.runtime.signature import Inputs


def attacked(world, **changes) -> Hunt:
    hunt = world.hunt(**changes)
    Boundary().run(hunt, world.knowledge, np.random.default_rng(0))
    return hunt


def test_the_distance_to_a_plane_is_found(plane_world):
    hunt = attacked(plane_world)
    exact = plane_world.plane.distance(plane_world.rows)
    assert (hunt.cost >= exact * (1 - 1e-5)).all()
    assert np.median(hunt.cost / exact) < 1.02


def test_what_is_found_does_evade_at_the_cost_that_is_told(plane_world):
    hunt = attacked(plane_world)
    changed = hunt.changed(np.arange(len(hunt)), hunt.best)
    assert (plane_world.plane.predict(changed).argmax(axis=1) != plane_world.targets.truth).all()
    moved = np.linalg.norm(changed.numeric - plane_world.rows.numeric, axis=1)
    np.testing.assert_allclose(moved, hunt.cost, rtol=1e-5)


def test_a_constant_model_is_not_turned(plane_world):
    def constant(inputs: Inputs) -> np.ndarray:
        return np.tile([0.4, 0.6], (len(inputs), 1))

    targets = Targets(plane_world.rows, np.ones(len(plane_world.rows), np.int64))
    hunt = Hunt(targets, constant, plane_world.allowed(), Effort(200))
    Boundary().run(hunt, Knowledge(plane_world.pool, constant(plane_world.pool)), np.random.default_rng(0))
    assert np.isinf(hunt.cost).all()


def test_no_more_is_asked_than_allowed_and_no_row_is_left_out(plane_world):
    hunt = attacked(plane_world, limit=300)
    assert hunt.queries.max() <= 300
    assert np.isfinite(hunt.cost).all()


def test_a_fixed_feature_stays_and_the_way_is_longer(plane_world):
    unit = np.ones(8)
    unit[np.argmax(np.abs(plane_world.plane.weights))] = 0
    hunt = attacked(plane_world, unit=unit)
    changed = hunt.changed(np.arange(len(hunt)), hunt.best)
    fixed = unit == 0
    assert (changed.numeric[:, fixed] == plane_world.rows.numeric[:, fixed]).all()
    left = np.abs(plane_world.plane.odds(plane_world.rows)) / np.linalg.norm(plane_world.plane.weights[unit > 0])
    assert np.median(hunt.cost / left) < 1.03
    assert (hunt.cost >= left * (1 - 1e-5)).all()


def test_categories_are_turned_where_that_is_cheapest():
    """A model that looks at one category and one number: a change of the text costs 1, of the number 3."""

    def model(inputs: Inputs) -> np.ndarray:
        event = (inputs.categorical[:, 0] == "b") | (inputs.numeric[:, 0] > 3)
        return np.stack([1.0 - event, event * 1.0], axis=1)

    rows = Inputs(np.zeros((5, 2), np.float32), np.array([["a", "x"]] * 5, object))
    pool = Inputs(
        np.array([[5, 1], [4, -1], [0, 0]], np.float32), np.array([["b", "y"], ["a", "y"], ["a", "x"]], object)
    )
    allowed = Perturbations(
        low=np.full(2, -10.0),
        high=np.full(2, 10.0),
        unit=np.ones(2),
        integer=np.zeros(2, bool),
        choices=(np.array(["a", "b"], object), np.array(["x", "y"], object)),
        price=np.ones(2),
        sums=np.empty((0, 2)),
    )
    hunt = Hunt(Targets(rows, np.zeros(5, np.int64)), model, allowed, Effort(300))
    Boundary().run(hunt, Knowledge(pool, model(pool)), np.random.default_rng(0))
    np.testing.assert_allclose(hunt.cost, 1.0, rtol=1e-6)
    assert hunt.changed(np.arange(5), hunt.best).categorical.tolist() == [["b", "x"]] * 5
