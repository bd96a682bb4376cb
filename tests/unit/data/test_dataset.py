import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet

TABLE = pa.table(
    {
        "age": [30, 40, 50],
        "who": ["a", "b", "c"],
        "flag": [0, 1, 0],
        "truth": [True, False, True],
        "level": [1.5, 2.5, 3.5],
        "gap": [1, None, 0],
        "same": [1, 1, 1],
        "wide": [1.0, float("inf"), 2.0],
    }
)


def dataset(label: str, task: Task, **roles: object) -> DataSet:
    return DataSet("loans", TABLE, Digest.of(b""), task, label, **roles)


def test_the_event_is_the_last_class() -> None:
    assert dataset("flag", Task.BINARY).classes == ("0", "1")
    assert dataset("flag", Task.BINARY, positive="0").classes == ("1", "0")
    assert dataset("truth", Task.BINARY, positive="False").classes == ("true", "false")


def test_classes_of_the_other_tasks() -> None:
    assert dataset("who", Task.MULTICLASS).classes == ("a", "b", "c")
    assert dataset("level", Task.REGRESSION).classes == ()


@pytest.mark.parametrize(
    ("label", "task", "roles", "what"),
    [
        ("flagg", Task.BINARY, {}, "did you mean 'flag'"),
        ("zzz", Task.BINARY, {}, "there are: age"),
        ("flag", Task.BINARY, {"subject_id": "whoo"}, "subject_id names a column 'whoo'"),
        ("flag", Task.BINARY, {"sensitive": ("agee",)}, "sensitive names a column 'agee'"),
        ("flag", Task.BINARY, {"protect": {"x": "drop"}}, "protect names a column 'x'"),
        ("flag", Task.BINARY, {"subject_id": "flag"}, "both label and subject_id"),
        ("gap", Task.BINARY, {}, "missing in 1 row ("),
        ("same", Task.MULTICLASS, {}, "single class"),
        ("who", Task.BINARY, {}, "here are 3: 'a', 'b', 'c'"),
        ("flag", Task.BINARY, {"positive": "2"}, "positive is '2', but the label holds '0', '1'"),
        ("who", Task.REGRESSION, {}, "text, not a number"),
        ("wide", Task.REGRESSION, {}, "infinite in 1 row"),
        ("same", Task.REGRESSION, {}, "single value"),
    ],
)
def test_what_cannot_be_learnt_is_refused(label: str, task: Task, roles: dict[str, object], what: str) -> None:
    with pytest.raises(InputError) as refused:
        dataset(label, task, **roles)
    assert what in str(refused.value)


def test_a_quantity_named_a_class_is_refused() -> None:
    table = pa.table({"x": list(range(1001))})
    with pytest.raises(InputError, match="1001 classes"):
        DataSet("d", table, Digest.of(b""), Task.MULTICLASS, "x")


PERSONS = ["Andreas Andersson", "Zaphod B.", "Trillian"]


@pytest.mark.parametrize(
    ("header", "values", "positive"),
    [
        ("full_name", ["Zaphod", "Trillian", "Marvin"], None),
        ("x", PERSONS, None),
        ("x", [f"Zaphod{i}" for i in range(6)], None),
        ("x", ["Anna Schmidt", "Zaphod"], "Zaphot"),
        ("x", ["good", "bad"], "Anna Schmidt"),
    ],
)
def test_no_message_quotes_a_person(header: str, values: list[str], positive: str | None) -> None:
    table = pa.table({header: values})
    with pytest.raises(InputError) as refused:
        DataSet("d", table, Digest.of(b""), Task.BINARY, header, positive)
    told = str(refused.value)
    assert not [v for v in (*PERSONS, "Anna", "Schmidt", "Marvin", "Zaphod ") if v in told]
    assert f"here are {len(values)}" in told or "but the label holds" in told


def test_a_first_row_of_persons_taken_for_the_header_is_not_quoted() -> None:
    table = pa.table({"Anna Schmidt": [1, 2], "anna@example.org": [0, 1], "size": [1, 2]})
    with pytest.raises(InputError) as refused:
        DataSet("d", table, Digest.of(b""), Task.BINARY, "label")
    assert "there are: size" in str(refused.value)
    assert "nna" not in str(refused.value)
