"""Attribute inference: how much better a sensitive column is guessed with a model's answers than without them.

An attacker knows a person's other columns and label, and rows of others with the sensitive column. Guessing it from
those alone is imputation, which no model is to blame for (Jayaraman and Evans, CCS 2022). Where the column is an input,
the attack weighs each of its values by how likely the model makes the true label with it (Fredrikson et al., CCS 2015):
of rows that a model knows by heart the true value fits best. Where it is none, the model's answer is one more column.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.attack.forest import Forest, Shape
from secmlops.attack.imitation import Space
from secmlops.attack.oracle import Oracle
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

Matrix = npt.NDArray[np.float64]
_SHAPE = Shape(trees=64)
_FLOOR = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Persons:
    """``inputs`` [n] with the attribute in its place, ``target`` [n, j] as numbers, group of each, int64 [n]."""

    inputs: Inputs
    target: Matrix
    group: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Attribute:
    """Column of the inputs that holds it, counted with numeric ones first (None: no input), and a value per group."""

    place: int | None
    values: Sequence[float | str]


@dataclass(frozen=True, slots=True, eq=False)
class Guesses:
    """Whether each person's group was guessed right, bool [n]: by imputation alone, and with the model's answers."""

    imputed: npt.NDArray[np.bool_]
    attacked: npt.NDArray[np.bool_]


def guess(
    oracle: Oracle, attribute: Attribute, known: Persons, victims: Persons, generator: np.random.Generator
) -> Guesses:
    """Learn to guess from the ``known`` persons and guess the ``victims``; raises InputError for a single group."""
    if len(attribute.values) < 2:
        raise InputError("an attribute of one group is known already")
    labels = np.eye(len(attribute.values))[known.group]
    space = Space.of(_hidden(known.inputs, attribute))
    public, shown = (np.hstack([space.design(_hidden(p.inputs, attribute)), p.target]) for p in (known, victims))
    imputed = _learnt(public, labels, shown, generator)
    if attribute.place is None:
        heard, answered = (np.hstack([one, oracle(p.inputs)]) for one, p in ((public, known), (shown, victims)))
        attacked = _learnt(heard, labels, answered, generator)
    else:
        attacked = np.log(imputed) + _fit_of_label(oracle, attribute.place, attribute.values, victims)
    return Guesses(*(chosen.argmax(axis=1) == victims.group for chosen in (imputed, attacked)))


def _learnt(design: Matrix, labels: Matrix, shown: Matrix, generator: np.random.Generator) -> Matrix:
    """Probability of each group [n, g] for the rows ``shown``; a group that was never met has a small one."""
    forest = Forest.learn(design, labels, generator, _SHAPE)
    probability: Matrix = forest.predict(shown).clip(_FLOOR, 1)
    return probability


def _fit_of_label(oracle: Oracle, place: int, values: Sequence[float | str], persons: Persons) -> Matrix:
    """Log likelihood [n, v] of the true label with each value of the attribute."""
    answers = np.stack([oracle(with_value(persons.inputs, place, value)) for value in values], axis=1)
    if persons.target.shape[1] > 1:
        likelihood: Matrix = np.log((answers * persons.target[:, None, :]).sum(axis=2).clip(_FLOOR, 1))
        return likelihood
    distance = np.square(answers[:, :, 0] - persons.target)
    nats: Matrix = -distance / (2 * max(float(distance.min(axis=1).mean()), _FLOOR**2))
    return nats


def with_value(inputs: Inputs, place: int, value: float | str) -> Inputs:
    """Rows with one column set to ``value``; ``place`` counts the numeric columns first."""
    width = inputs.numeric.shape[1]
    numeric, categorical = inputs.numeric, inputs.categorical
    if place < width:
        numeric = numeric.copy()
        numeric[:, place] = value
    else:
        categorical = categorical.copy()
        categorical[:, place - width] = value
    return Inputs(numeric, categorical)


def _hidden(inputs: Inputs, attribute: Attribute) -> Inputs:
    """Rows of which the attribute tells nothing: the same value in all."""
    return inputs if attribute.place is None else with_value(inputs, attribute.place, attribute.values[0])
