"""A model that knows its rows by heart gives a column of them away; one that says nothing does not."""

from collections.abc import Callable

import numpy as np
import pytest

from secmlops.attack.attributes import Attribute, Persons, guess, with_value
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

ROWS = 500
SECRET = Attribute(0, (0.0, 1.0))


def persons(seed: int, label: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Persons:
    rng = np.random.default_rng(seed)
    numbers = np.column_stack([rng.integers(0, 2, ROWS), rng.normal(size=(ROWS, 4))]).astype(np.float32)
    inputs = Inputs(numbers, np.empty((ROWS, 0), object))
    return Persons(inputs, np.eye(2)[label(numbers, rng)], numbers[:, 0].astype(np.int64))


def tossed(numbers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 2, len(numbers))


def test_memory_gives_the_column_away_where_nothing_else_tells_it() -> None:
    known, victims = persons(1, tossed), persons(2, tossed)
    memory = {row.tobytes(): target for row, target in zip(victims.inputs.numeric, victims.target, strict=True)}
    unsure = np.full(2, 0.5)

    def oracle(inputs: Inputs) -> np.ndarray:
        return np.stack([0.8 * memory.get(row.tobytes(), unsure) + 0.1 for row in inputs.numeric])

    found = guess(oracle, SECRET, known, victims, np.random.default_rng(0))
    assert found.imputed.mean() == pytest.approx(0.5, abs=0.06)
    assert found.attacked.mean() > 0.8


def test_a_constant_model_adds_nothing() -> None:
    known, victims = persons(1, tossed), persons(2, tossed)
    found = guess(lambda i: np.full((len(i), 2), 0.5), SECRET, known, victims, np.random.default_rng(0))
    assert (found.imputed == found.attacked).all()


def test_what_the_label_tells_by_itself_is_imputation() -> None:
    def follows(numbers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return (numbers[:, 0] > 0).astype(np.int64)

    known, victims = persons(1, follows), persons(2, follows)
    found = guess(lambda i: np.full((len(i), 2), 0.5), SECRET, known, victims, np.random.default_rng(0))
    assert found.imputed.mean() == 1


def test_a_column_that_is_no_input_may_still_be_heard_in_the_answer() -> None:
    known, victims = persons(1, tossed), persons(2, tossed)
    for one in (known, victims):
        one.inputs.numeric[:, 1] = 5 * one.group  # what the model hears
    hidden = [
        Persons(Inputs(p.inputs.numeric[:, 2:], p.inputs.categorical), p.target, p.group) for p in (known, victims)
    ]
    answers = iter([p.group for p in (known, victims)])

    def oracle(inputs: Inputs) -> np.ndarray:
        said = next(answers) * 0.8 + 0.1
        return np.stack([1 - said, said], axis=1)

    found = guess(oracle, Attribute(None, ("a", "b")), *hidden, np.random.default_rng(0))
    assert found.attacked.mean() > 0.95
    assert found.imputed.mean() < 0.6


def test_quantities_are_weighed_by_their_distance() -> None:
    known, victims = persons(1, tossed), persons(2, tossed)
    numbers = victims.inputs.numeric
    truth = (10 * numbers[:, 0] * np.sign(numbers[:, 1]) + numbers[:, 2])[:, None].astype(float)
    victims = Persons(victims.inputs, truth, victims.group)
    known = Persons(known.inputs, np.random.default_rng(0).permutation(truth), known.group)
    found = guess(
        lambda i: (10 * i.numeric[:, 0] * np.sign(i.numeric[:, 1]) + i.numeric[:, 2])[:, None].astype(float),
        SECRET,
        known,
        victims,
        np.random.default_rng(0),
    )
    assert found.attacked.mean() > 0.95


def test_one_column_is_set_and_nothing_else_changes() -> None:
    inputs = Inputs(np.zeros((3, 2), np.float32), np.array([["a"], ["b"], ["c"]], object))
    assert with_value(inputs, 1, 7.0).numeric[:, 1].tolist() == [7, 7, 7]
    assert with_value(inputs, 2, "z").categorical[:, 0].tolist() == ["z", "z", "z"]
    assert inputs.numeric.sum() == 0
    assert inputs.categorical[:, 0].tolist() == ["a", "b", "c"]


def test_a_single_group_is_no_attribute() -> None:
    one = persons(1, tossed)
    with pytest.raises(InputError, match="one group"):
        guess(lambda i: np.full((len(i), 2), 0.5), Attribute(0, (0.0,)), one, one, np.random.default_rng(0))
