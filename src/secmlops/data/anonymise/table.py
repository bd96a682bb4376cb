"""Anonymises a table: codes it, cuts it, leaves rows out, writes what is kept, and checks it before it is let out."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.core.errors import InputError
from secmlops.data.anonymise.cells import Integers
from secmlops.data.anonymise.checker import Guarantees, check_table
from secmlops.data.anonymise.coded import CodedTable, code_table
from secmlops.data.anonymise.demand import Demand
from secmlops.data.anonymise.loss import Loss, measure_loss
from secmlops.data.anonymise.mondrian import partition
from secmlops.data.anonymise.recoding import recode
from secmlops.data.anonymise.refinement import refined
from secmlops.data.anonymise.risk import Risk, measure_risk
from secmlops.data.anonymise.rules import Rules
from secmlops.data.anonymise.suppression import outliers

_SUPPRESSION_ROUNDS = 3
_Cut = tuple[npt.NDArray[np.intp], Rules, Integers]
"""The rows that stay, the rules for them, and their classes."""


@dataclass(frozen=True, slots=True, eq=False)
class Anonymised:
    """The released ``table``, what the independent check found it to keep, the risk left and the information lost.

    ``classes`` [rows of the original] numbers the classes; it is -1 for a row that was left out or not in the data set.
    """

    table: pa.Table = field(repr=False)
    classes: Integers = field(repr=False)
    guarantees: Guarantees
    risk: Risk
    loss: Loss


def anonymise(table: pa.Table, demand: Demand) -> Anonymised:
    """Anonymise ``table`` as ``demand`` says. Columns it does not name and the order of the rows stay as they are.

    Raises InputError when a column cannot be used (it does not exist, is missing in every row, has a different name in
    every row, or a value without a place in its hierarchy) or when the demand cannot be met even by a single class;
    VerificationError when the result does not pass its check.
    """
    coded = code_table(table, demand)
    rows, rules, classes = _cut(coded, demand)
    general = table.take(rows) if len(rows) < table.num_rows else table
    for attribute in rules.attributes:
        place = general.column_names.index(attribute.name)
        kept = recode(attribute, classes, general[attribute.name].type, demand.representation)
        general = general.set_column(place, attribute.name, kept)
    guarantees = check_table(general, demand)
    present = coded.member[rows]
    sizes, population = np.bincount(classes[present]), np.bincount(classes)
    everywhere = np.full(table.num_rows, -1)
    everywhere[rows[present]] = classes[present]
    return Anonymised(
        table=_released(general, demand),
        classes=everywhere,
        guarantees=guarantees,
        risk=measure_risk(sizes, demand.sampling, population if demand.presence is not None else None),
        loss=measure_loss(coded.attributes, everywhere, coded.member, demand.k),
    )


def _cut(coded: CodedTable, demand: Demand) -> _Cut:
    """The rows that stay, the rules for them, and their classes.

    Rows are left out in rounds, and all is cut anew without them: one that nobody resembles widens every class that it
    falls into. A round that loses more than it gains is the last, and does not count. Where refining the whole table
    loses less than leaving rows out does, none is left out.
    """
    whole = best = _partitioned(coded, np.arange(len(coded.member)), demand)
    budget = int(demand.suppress * np.count_nonzero(coded.member))
    for _ in range(_SUPPRESSION_ROUNDS):
        rows, rules, classes = best
        gone = outliers(rules.attributes, classes, coded.member[rows], budget)
        if not len(gone):
            break
        try:
            tried = _partitioned(coded, np.delete(rows, gone), demand)
        except InputError:  # too few rows, or too much alike, would be left
            break
        if _loss(coded, tried) >= _loss(coded, best):
            break
        best, budget = tried, budget - len(gone)
    made = _refined(coded, best)
    return made if best is whole else min(made, _refined(coded, whole), key=lambda cut: _loss(coded, cut))


def _partitioned(coded: CodedTable, rows: npt.NDArray[np.intp], demand: Demand) -> _Cut:
    rules = coded.rules(rows, demand)
    return rows, rules, partition(rules, coded.values.take(rows, axis=1))


def _refined(coded: CodedTable, cut: _Cut) -> _Cut:
    rows, rules, classes = cut
    return rows, rules, refined(rules, coded.values.take(rows, axis=1), classes)


def _loss(coded: CodedTable, cut: _Cut) -> float:
    classes = np.full(len(coded.member), -1)
    classes[cut[0]] = cut[2]
    return measure_loss(coded.attributes, classes, coded.member, cut[1].k).penalty


def _released(general: pa.Table, demand: Demand) -> pa.Table:
    if demand.presence is None:
        return general
    return general.filter(general[demand.presence]).drop_columns([demand.presence])
