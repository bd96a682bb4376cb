"""Columns that a project file names and its table does not have."""

from secmlops.data.anonymise.settings import AnonymiseSettings, QuasiSettings, SensitiveSettings
from secmlops.data.protection.actions import Action
from secmlops.project.columns import missing_columns
from secmlops.project.settings import Data

DATA = Data(
    source="t.csv",
    label="y",
    subject_id="person",
    sensitive=("sex",),
    protect={"mail": Action.DROP, "age": Action.KEEP},
)


def test_a_table_with_all_columns_has_no_problem() -> None:
    assert missing_columns(DATA, ["y", "person", "sex", "mail", "age", "more"]) == []


def test_every_role_is_checked_and_the_nearest_column_named() -> None:
    problems = dict(missing_columns(DATA, ["persons", "emails"]))
    assert set(problems) == {
        ("data", "label"),
        ("data", "subject_id"),
        ("data", "sensitive", 0),
        ("data", "protect", "mail"),
        ("data", "protect", "age"),
    }
    assert problems["data", "subject_id"] == "t.csv has no column 'person'; did you mean persons?"
    assert problems["data", "label"] == "t.csv has no column 'y'; columns: persons, emails"


def test_columns_that_are_to_be_anonymised_are_checked() -> None:
    asked = AnonymiseSettings(
        quasi_identifiers={"age": QuasiSettings()}, sensitive={"ill": SensitiveSettings(t=0.2)}, presence="here"
    )
    problems = missing_columns(Data(source="t.csv", label="y", anonymise=asked), ["y"])
    assert [place[2:] for place, _ in problems] == [("quasi_identifiers", "age"), ("sensitive", "ill"), ("presence",)]


def test_a_wide_table_is_not_listed_whole() -> None:
    (problem,) = missing_columns(Data(source="t.csv", label="y"), [f"column_{i}" for i in range(5_000)])
    assert problem[1].endswith("column_19, …")
