"""Anonymises a table in which several rows may be of one person: classes are counted in persons, not in rows."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.data.anonymise.cells import Integers
from secmlops.data.anonymise.demand import Demand
from secmlops.data.anonymise.risk import measure_risk
from secmlops.data.anonymise.table import Anonymised, anonymise

_GROWTH = 1.25


def anonymise_persons(table: pa.Table, demand: Demand, person: npt.NDArray[np.int64]) -> Anonymised:
    """Anonymise ``table`` so that each class holds at least k persons; ``person`` [rows] numbers them from 0.

    A class of k rows of one person hides nobody, so more rows are asked for until k persons are in each: at most k
    times the rows of whoever has most. The risks are those of persons. Raises what ``anonymise`` raises, and InputError
    when the table is of fewer than k persons.
    """
    each = np.bincount(person)
    persons = int(np.count_nonzero(each))
    if persons < demand.k:
        told = f"k is {demand.k}, but the table is of {counted(persons, 'person')}"
        raise InputError(told, where="anonymise", hint="choose a smaller k, or gather more data")
    enough = min(demand.k * int(each.max()), table.num_rows)
    rows = demand.k
    while True:
        made = anonymise(table, replace(demand, k=rows))
        sizes = persons_in(made.classes, person)
        if sizes.min() >= demand.k or rows >= enough:
            break
        rows = min(enough, int(np.ceil(rows * max(_GROWTH, demand.k / sizes.min()))))
    if demand.presence is not None:
        return made
    return replace(made, risk=measure_risk(sizes, demand.sampling))


def persons_in(classes: Integers, person: npt.NDArray[np.int64]) -> Integers:
    """How many persons each class holds [classes]; rows of the class -1 are in none."""
    released = classes >= 0
    kinds = int(person.max()) + 1
    pairs = np.unique(classes[released] * kinds + person[released])
    return np.bincount(pairs // kinds)
