from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.errors import InputError
from secmlops.data.anonymise.attribute import Category, Quantity, Taxonomy
from secmlops.data.anonymise.coding import code_attribute, code_label, code_presence, code_sensitive
from secmlops.data.anonymise.demand import BuiltIn, QuasiIdentifier, Sensitive
from secmlops.data.anonymise.hierarchy import Hierarchy
from secmlops.data.anonymise.privacy import Closeness, Ground


def table(values: list[object], kind: pa.DataType | None = None) -> pa.Table:
    return pa.table({"c": pa.chunked_array([pa.array(values, kind)])})


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([5, 3, 9, 3], pa.int64()),
        ([0.5, -1.5, 2.0, -1.5], pa.float64()),
        ([date(2020, 5, 1), date(1999, 1, 1), date(2021, 1, 1), date(1999, 1, 1)], pa.date32()),
        (
            [
                datetime.fromisoformat("2020-05-01"),
                datetime.fromisoformat("1999-01-01"),
                datetime.fromisoformat("2021-01-01"),
                datetime.fromisoformat("1999-01-01"),
            ],
            pa.timestamp("us"),
        ),
    ],
)
def test_numbers_and_dates_are_coded_in_their_order(values: list[object], kind: pa.DataType) -> None:
    coded = code_attribute(table(values, kind), QuasiIdentifier("c", weight=2.0))
    assert isinstance(coded, Quantity)
    assert coded.codes.tolist() == [1, 0, 2, 0]
    assert not coded.missing
    assert coded.weight == 2.0


def test_missing_and_not_a_number_are_one_code_after_the_others() -> None:
    coded = code_attribute(table([5.0, None, float("nan"), 3.0], pa.float64()), QuasiIdentifier("c"))
    assert isinstance(coded, Quantity)
    assert coded.missing
    assert coded.codes.tolist() == [1, 2, 2, 0]
    assert coded.penalty(np.array([0, 0, 2, 1]), np.array([1, 2, 2, 1]), np.array([2, 3, 1, 1])).tolist() == [
        1,
        1,
        0,
        0,
    ]


def test_names_are_coded_by_how_common_they_are() -> None:
    coded = code_attribute(table(["a", None, "b", "b", "b", None]), QuasiIdentifier("c"))
    assert isinstance(coded, Category)
    assert coded.names.to_pylist() == ["b", None, "a"]
    assert coded.codes.tolist() == [2, 1, 0, 0, 0, 1]
    assert coded.penalty(np.array([0, 0]), np.array([0, 2]), np.array([1, 2])) == pytest.approx([0, 2 / 3])


def test_a_hierarchy_is_used_and_keeps_a_place_for_what_is_missing() -> None:
    groups = Hierarchy.from_nested({"g": ["a", "b"], "h": ["x"]})
    coded = code_attribute(table(["a", "b", "x", None, "b"]), QuasiIdentifier("c", groups))
    assert isinstance(coded, Taxonomy)
    assert coded.tree.leaves == ("b", "a", "(missing)", "x")
    assert coded.penalty(np.array([0, 0, 1]), np.array([0, 1, 3]), np.array([1, 2, 2])).tolist() == [0, 0.5, 1]


def test_a_built_in_hierarchy_is_made_from_the_values() -> None:
    coded = code_attribute(table([33, 34, 61, None, 33], pa.int64()), QuasiIdentifier("c", BuiltIn.AGE))
    assert isinstance(coded, Taxonomy)
    assert "30 to 34" in coded.tree.names[-2]


@pytest.mark.parametrize(
    ("values", "kind", "told"),
    [
        ([None, None], pa.string(), "missing in every row"),
        ([None, None], pa.int64(), "missing in every row"),
        (["a", "b", "c"], pa.string(), "every value is unique"),
        ([1.0, float("inf")], pa.float64(), "infinite"),
    ],
)
def test_a_column_that_cannot_be_a_quasi_identifier(values: list[object], kind: pa.DataType, told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        code_attribute(table(values, kind), QuasiIdentifier("c"))
    assert refused.value.where == "quasi-identifier 'c'"


def test_a_hierarchy_with_a_hole_does_not_tell_the_value() -> None:
    with pytest.raises(InputError, match="hole") as refused:
        code_attribute(table(["ann@example.org", "a"]), QuasiIdentifier("c", Hierarchy({"a": "*"})))
    assert "ann" not in str(refused.value)


def test_a_column_that_does_not_exist() -> None:
    with pytest.raises(InputError, match="'d' is no column"):
        code_attribute(table([1]), QuasiIdentifier("d"))


def test_sensitive_values_are_coded_in_their_order_or_their_hierarchy() -> None:
    values = table(["b", "c", None, "a", "c"])
    codes, kinds, _ = code_sensitive(values, Sensitive("c", ()))
    assert (codes.tolist(), kinds) == ([1, 2, 3, 0, 2], 4)
    groups = Hierarchy.from_nested({"g": ["a", "b"], "h": ["c"]})
    wanted = Sensitive("c", (Closeness(0.2, Ground.HIERARCHICAL),), groups)
    codes, kinds, (model,) = code_sensitive(values, wanted)
    assert isinstance(model, Closeness)
    assert model.tree is not None
    assert [model.tree.leaves[code] for code in codes] == ["b", "c", "(missing)", "a", "c"]


def test_too_many_sensitive_values_are_refused() -> None:
    with pytest.raises(InputError, match="1,001 different values"):
        code_sensitive(table(list(range(1_001))), Sensitive("c", ()))


def test_labels() -> None:
    assert code_label(table(["x", "y", "x"]), "c").tolist() == [0, 1, 0]
    quantity = code_label(table([float(v) for v in range(80)]), "c")
    assert np.bincount(quantity).tolist() == [10] * 8
    with pytest.raises(InputError, match="30 classes"):
        code_label(table([f"class {i}" for i in range(30)]), "c")


def test_presence_is_said_of_every_row() -> None:
    assert code_presence(table([True, False]), "c").tolist() == [True, False]
    assert code_presence(table([1, 2]), None).all()
    for wrong in ([1, 0], [True, None]):
        with pytest.raises(InputError, match="presence column"):
            code_presence(table(wrong), "c")
