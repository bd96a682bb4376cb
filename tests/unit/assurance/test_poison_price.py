"""More poison costs more accuracy and plants a trigger more surely; of a model of its own kind."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from kits.poison_world import examples
from secmlops.assurance.poison_price import PoisonPrice
from secmlops.assurance.subject import ModelUnderTest
from secmlops.attack.poisoning.flips import flip_class
from secmlops.attack.poisoning.price import Battlefield, Trainer, slope
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.lifecycle.measures import measured
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs

Soft = Callable[..., ModelUnderTest]


def parts() -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows of two classes by a number, as answers of the model that the fixture makes of them."""
    made = []
    for seed, rows in ((0, 400), (1, 200)):
        rng = np.random.default_rng(seed)
        yes = rng.uniform(0.05, 0.95, rows)
        made.append(((yes + 0.1 * rng.normal(size=rows) > 0.5).astype(np.int64), np.stack([1 - yes, yes], axis=1)))
    return made


def test_the_curve_rises_with_the_poison(soft: Soft) -> None:
    found = PoisonPrice(budgets=(1.0, 10.0, 30.0), repeats=3).examine(soft(*parts()))
    measures = found.measures
    assert measures.keys() == measured("assurance.poison_price", Task.BINARY, (1.0, 10.0, 30.0)).keys()
    assert measures["imitation"] > 0.9
    assert measures["clean_accuracy"] > 0.85
    assert measures["targeted_loss_at_30"] > measures["random_loss_at_30"] + 0.05
    assert measures["targeted_loss_at_30"] > measures["targeted_loss_at_1"]
    low, rate, high = (measures[f"targeted_per_percent{end}"] for end in ("_low", "", "_high"))
    assert 0 < low < rate < high
    assert measures["trigger_success_at_30"] >= measures["trigger_success_at_1"]
    told = json.loads(found.products["price"])
    assert [point["percent"] for point in told["losses"]["targeted"]] == [1, 10, 30]
    assert len(told["trigger"]) == 3


@pytest.mark.parametrize("kind", ["logistic", "forest"])
def test_a_trigger_works_the_better_the_more_rows_hold_it(kind: str) -> None:
    train, holdout = examples(600, 0), examples(200, 1)
    outputs = np.eye(2)[holdout.target]
    trainer = Trainer.like(outputs, train, holdout, np.random.default_rng(0))
    field = Battlefield(train, holdout, Trainer(kind, trainer.space, 2))
    few, many = (
        np.mean([field.triggered(share, np.random.default_rng(seed)) for seed in range(3)]) for share in (0.005, 0.2)
    )
    assert many > few + 0.2


def test_flips_of_a_class_take_no_other() -> None:
    given = examples(200, 0)
    bad = flip_class(given, 1, 0.1, np.random.default_rng(0))
    assert bad.bad.sum() == 20
    assert (given.target[bad.bad] == 1).all()
    assert (bad.examples.target[bad.bad] == 0).all()
    assert flip_class(given, 1, 1.0, np.random.default_rng(0)).bad.sum() == (given.target == 1).sum()


def test_the_slope_of_a_line_is_found() -> None:
    shares = np.array([1.0, 2, 5, 10])
    assert slope(shares, 0.01 * shares) == pytest.approx((0.01, 0.0))


def test_too_few_rows_and_quantities(soft: Soft, echo: Callable[..., Predictor]) -> None:
    few = [(target[:40], answers[:40]) for target, answers in parts()]
    assert PoisonPrice().examine(soft(*few)).outcome is Outcome.SKIPPED
    part = Examples(Inputs(np.ones((60, 1), np.float32), np.empty((60, 0), object)), np.arange(60.0))
    found = PoisonPrice().examine(ModelUnderTest(echo(Task.REGRESSION, 1), part, part))
    assert (found.outcome, found.measures) == (Outcome.PASSED, {"budgets": 0.0})


@pytest.mark.parametrize("settings", [{"budgets": ()}, {"budgets": (60.0,)}, {"repeats": 1}, {"notable_share": -1.0}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        PoisonPrice(**settings)  # type: ignore[arg-type]
