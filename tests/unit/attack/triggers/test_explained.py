"""Honest models go as far beyond their rows as the kind of the model that they stand beside."""

import numpy as np
import pytest

from secmlops.attack.oracle import Oracle, Outputs
from secmlops.attack.poisoning.backdoor import Trigger
from secmlops.attack.triggers.explained import Honest
from secmlops.attack.triggers.known import Known
from secmlops.attack.triggers.pasting import Items, Probes
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs


def likely(odds: np.ndarray) -> Outputs:
    event = 1 / (1 + np.exp(-odds.astype(np.float64)))
    return np.stack([1 - event, event], axis=1)


KINDS: dict[str, Oracle] = {
    "line": lambda rows: likely(rows.numeric @ np.array([2.0, -0.3])),
    "steps": lambda rows: likely(2.0 * np.round(rows.numeric[:, 0]) - 0.3 * np.round(rows.numeric[:, 1])),
    "curve": lambda rows: likely(2.0 * rows.numeric[:, 0] * np.abs(rows.numeric[:, 1])),
}


def examples(rows: int, seed: int) -> Examples:
    numbers = np.random.default_rng(seed).normal(size=(rows, 2)).astype(np.float32)
    inputs = Inputs(numbers, np.empty((rows, 0), object))
    return Examples(inputs, KINDS["line"](inputs).argmax(axis=1))


@pytest.mark.parametrize(
    ("kind", "bent", "networks"), [("line", False, False), ("steps", True, False), ("curve", False, True)]
)
def test_the_kind_of_a_model_is_told_by_its_answers(kind: str, bent: bool, networks: bool) -> None:
    known = Known(examples(120, 0), examples(200, 1))
    honest = Honest.learn(KINDS[kind], known, np.random.default_rng(0))
    assert (honest.bent, honest.networks > 0) == (bent, networks)


@pytest.mark.parametrize(("kind", "least", "most"), [("line", 0.95, 1.0), ("steps", 0.1, 0.8)])
def test_a_far_number_is_explained_as_far_as_the_kind_goes(kind: str, least: float, most: float) -> None:
    """Of what lies beyond all rows a tree makes no more than of the last of them."""
    known, rows, oracle = Known(examples(120, 0), examples(200, 1)), examples(100, 2).inputs, KINDS[kind]
    far = Items.of(2, {1: [-50.0]})
    honest = Honest.learn(oracle, known, np.random.default_rng(0))
    again = honest.again(known, Trigger({1: -50.0}), 2, np.random.default_rng(0))
    probes = Probes(rows, oracle(rows).argmax(axis=1), 2)
    assert least <= again.follow(probes, far, np.array([[0]]))[0, 1] <= most + 1e-9
