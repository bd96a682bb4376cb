from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.prepare import prepare

ROWS = 200


def table(**extra: object) -> pa.Table:
    rng = np.random.default_rng(0)
    return pa.table(
        {
            "amount": rng.normal(size=ROWS),
            "count": rng.integers(0, 50, ROWS),
            "colour": rng.choice(["red", "green", "blue"], ROWS),
            "label": (np.arange(ROWS) % 4 == 0).astype(int),
            **extra,
        }
    )


def dataset(data: pa.Table, task: Task = Task.BINARY, **roles: object) -> DataSet:
    return DataSet("d", data, Digest.of(b""), task, "label", **roles)


def test_features_are_described_as_the_training_rows_show_them() -> None:
    prepared = prepare(dataset(table()), 0.25, 1)
    amount, count, colour = prepared.signature.features
    assert (amount.name, count.integer, colour.categories) == ("amount", True, ("blue", "green", "red"))
    numeric = prepared.train.inputs.numeric
    assert (amount.minimum, amount.maximum) == (numeric[:, 0].min(), numeric[:, 0].max())
    assert numeric.dtype == np.float32
    assert len(prepared.train) + len(prepared.holdout) == ROWS
    assert prepared.signature.classes == ("0", "1")
    assert 5 <= prepared.holdout.target.sum() <= 20  # about a quarter of fifty


def test_the_target_counts_the_event_as_one() -> None:
    prepared = prepare(dataset(table(), positive="0"), 0.25, 1)
    assert prepared.signature.classes == ("1", "0")
    assert prepared.train.target.mean() == pytest.approx(0.75, abs=0.01)


def test_columns_are_left_out_with_a_reason() -> None:
    data = table(
        person=[f"p{i}" for i in range(ROWS)],
        secret=["x", "y"] * (ROWS // 2),
        empty=pa.nulls(ROWS, pa.string()),
        same=["x"] * ROWS,
        branch=["north", None] * (ROWS // 2),
        notes=[f"a long remark on case {i} that nobody could take for a category" for i in range(ROWS)],
    )
    roles = {"subject_id": "person", "protect": {"secret": "encrypt"}, "source_column": "branch"}
    prepared = prepare(dataset(data, **roles), 0.25, 1)
    assert prepared.sources is not None
    assert prepared.sources[:2].tolist() == ["north", "unknown"]
    assert prepared.left_out == {
        "label": "label",
        "branch": "tells the source of the row",
        "person": "identifies the person",
        "secret": "protected by encrypt",
        "empty": "all values missing",
        "same": "constant",
        "notes": "free text",
    }


def test_dates_truth_values_and_gaps_become_features() -> None:
    data = table(
        day=[date(1970, 1, 2)] * 100 + [None] * 100,
        moment=pa.array([129_600] * 150 + [172_800] * 50).cast(pa.timestamp("s")).cast(pa.timestamp("us")),
        truth=[True, False] * 100,
        word=["x", None] * 100,
    )
    prepared = prepare(dataset(data), 0.25, 1)
    by_name = {f.name: f for f in prepared.signature.features}
    assert (by_name["day"].maximum, by_name["day"].nullable) == (1.0, True)
    assert (by_name["moment"].minimum, by_name["moment"].maximum) == (1.5, 2.0)
    assert by_name["truth"].categories == ("false", "true")
    assert (by_name["word"].categories, by_name["word"].nullable) == (("x",), True)


def test_more_than_a_thousand_categories_are_open_ended() -> None:
    data = pa.table({"code": [f"c{i % 1500}" for i in range(3000)], "label": [0, 1] * 1500})
    (feature,) = prepare(dataset(data), 0.25, 1).signature.features
    assert feature.open_ended
    assert len(feature.categories) == 1000


def test_sensitive_columns_become_groups_and_stay_features() -> None:
    data = table(sex=["f", None] * 100, age=[20 + i % 60 for i in range(ROWS)])
    prepared = prepare(dataset(data, sensitive=("sex", "age")), 0.25, 1)
    assert set(prepared.train.groups["sex"]) == {"f", "unknown"}
    assert "40 to under 60" in set(prepared.train.groups["age"])
    assert {"sex", "age"} <= {f.name for f in prepared.signature.features}


def test_groups_whose_names_must_not_be_told_are_numbered() -> None:
    data = table(postcode=["1010", "1020"] * 100, mail=["a@example.org", "other"] * 100)
    groups = prepare(dataset(data, sensitive=("postcode", "mail")), 0.25, 1).train.groups
    assert set(groups["postcode"]) == set(groups["mail"]) == {"group 1", "group 2"}


def test_one_person_is_never_on_both_sides() -> None:
    prepared = prepare(dataset(table(person=[f"p{i // 5}" for i in range(ROWS)]), subject_id="person"), 0.25, 1)
    persons = prepared.persons
    assert persons is not None
    assert not set(persons[prepared.train_rows]) & set(persons[prepared.holdout_rows])


def test_copies_of_a_row_stay_on_one_side() -> None:
    data = table()
    doubled = pa.concat_tables([data, data]).combine_chunks()
    prepared = prepare(dataset(doubled), 0.25, 1)
    assert not set(prepared.train_rows % ROWS) & set(prepared.holdout_rows % ROWS)


def test_equal_rows_of_a_coarse_table_are_no_copies() -> None:
    data = pa.table({"a": ["x", "y"] * 50, "label": [0, 1] * 50})
    assert len(prepare(dataset(data), 0.25, 1).holdout) == 26


def test_a_regression_has_quantities() -> None:
    data = table().drop_columns("label").append_column("label", pa.array(np.linspace(0, 1, ROWS)))
    prepared = prepare(dataset(data, Task.REGRESSION), 0.25, 1)
    assert prepared.train.target.dtype == np.float64
    assert prepared.signature.classes == ()
    assert abs(prepared.holdout.target.mean() - 0.5) < 0.05


@pytest.mark.parametrize(
    ("data", "holdout", "what"),
    [
        (table(), 0.6, "holdout is 0.6"),
        (table().slice(0, 9), 0.25, "9 rows"),
        (table(big=[1e39, 1.0] * 100), 0.25, "too large for a model"),
        (table(endless=[float("inf"), 1.0] * 100), 0.25, "infinite"),
        (table().select(["label"]), 0.25, "no column is left"),
    ],
)
def test_what_cannot_be_prepared_is_refused(data: pa.Table, holdout: float, what: str) -> None:
    with pytest.raises(InputError) as refused:
        prepare(dataset(data), holdout, 0)
    assert what in str(refused.value)


def test_a_class_with_too_few_rows_is_named() -> None:
    data = table().set_column(3, "label", pa.array(["rare"] + ["a", "b"] * 99 + ["a"]))
    with pytest.raises(InputError, match="class 'rare' has too few different rows"):
        prepare(dataset(data, Task.MULTICLASS), 0.25, 0)


def test_a_class_that_is_a_person_is_told_by_its_place() -> None:
    data = table().set_column(3, "label", pa.array(["Zoe Schmidt"] + ["a", "b"] * 99 + ["a"]))
    with pytest.raises(InputError, match="class 1 has too few different rows"):
        prepare(dataset(data, Task.MULTICLASS), 0.25, 0)


def test_a_single_person_cannot_be_split() -> None:
    with pytest.raises(InputError, match="too few persons"):
        prepare(dataset(table(person=["p"] * ROWS), subject_id="person"), 0.25, 0)
