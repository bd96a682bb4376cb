import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.errors import InputError
from secmlops.data.anonymise.demand import Demand, QuasiIdentifier
from secmlops.data.anonymise.persons import anonymise_persons, persons_in
from secmlops.data.anonymise.table import anonymise

DRAWS = np.random.default_rng(3)
AGE = QuasiIdentifier("age")


def table(rows: int) -> pa.Table:
    return pa.table({"age": DRAWS.integers(18, 90, rows)})


def test_a_class_of_k_rows_of_one_person_hides_nobody_and_is_widened() -> None:
    person = np.arange(300) // 15
    rows = pa.table({"age": 20 + person})  # whoever shares an age is one person
    alone = anonymise(rows, Demand((AGE,), 5))
    assert persons_in(alone.classes, person).min() == 1
    made = anonymise_persons(rows, Demand((AGE,), 5), person)
    assert persons_in(made.classes, person).min() >= 5
    assert made.risk.prosecutor == pytest.approx(1 / persons_in(made.classes, person).min())


def test_where_each_row_is_of_another_person_nothing_changes() -> None:
    rows = table(200)
    alone, made = anonymise(rows, Demand((AGE,), 5)), anonymise_persons(rows, Demand((AGE,), 5), np.arange(200))
    assert made.table == alone.table
    assert made.risk == alone.risk


def test_persons_who_are_as_many_as_k_become_one_class() -> None:
    made = anonymise_persons(table(40), Demand((AGE,), 4), np.arange(40) % 4)
    assert persons_in(made.classes, np.arange(40) % 4).min() == 4


def test_fewer_persons_than_k_are_refused() -> None:
    with pytest.raises(InputError, match="k is 5, but the table is of 4 persons"):
        anonymise_persons(table(40), Demand((AGE,), 5), np.arange(40) % 4)


def test_rows_that_were_left_out_are_in_no_class() -> None:
    assert persons_in(np.array([0, 0, -1, 1]), np.array([0, 0, 1, 2])).tolist() == [1, 1]
