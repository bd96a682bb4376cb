import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.discovery.control import Personal

SECRET = "anna.schmidt{}@example.org"
TABLE = pa.table({"contact e-mail:": [SECRET.format(i) for i in range(40)], "size": [1.5] * 40, "label": [0, 1] * 20})


def dataset(action: str | None = None) -> DataSet:
    actions = {} if action is None else {"contact e-mail:": action}
    return DataSet("d", TABLE, Digest.of(b""), Task.BINARY, "label", protect=actions)


def test_an_unprotected_column_fails_with_the_line_to_add() -> None:
    examination = Personal().examine(dataset())
    (finding,) = examination.findings
    assert examination.outcome is Outcome.FAILED
    assert (finding.rule, finding.severity) == ("personal.unprotected", Severity.ERROR)
    assert finding.where == "column 'contact e-mail:'"
    assert '"contact e-mail:": drop' in finding.hint
    assert examination.measures["unprotected_columns"] == 1


def test_a_protected_column_passes_with_a_note_of_what_it_holds() -> None:
    examination = Personal().examine(dataset(action="drop"))
    assert examination.outcome is Outcome.PASSED
    assert [f.rule for f in examination.findings] == ["personal.protected"]
    assert "protected by drop" in examination.findings[0].message
    assert examination.measures["protected_columns"] == 1


def test_a_column_accepted_by_name_passes_with_a_note() -> None:
    examination = Personal().examine(dataset(action="keep"))
    assert examination.outcome is Outcome.PASSED
    assert [f.rule for f in examination.findings] == ["personal.accepted"]
    assert examination.measures["accepted_columns"] == 1


def test_no_finding_quotes_a_value() -> None:
    assert "anna" not in str(Personal().examine(dataset()))


def labelled(action: str | None) -> DataSet:
    table = pa.table({"size": [1.5, 2.5] * 20, "who": ["anna@example.org", "paul@example.org"] * 20})
    return DataSet("d", table, Digest.of(b""), Task.BINARY, "who", protect={} if action is None else {"who": action})


@pytest.mark.parametrize("action", [None, "drop", "pseudonymise"])
def test_a_label_of_personal_data_is_refused_as_a_label(action: str | None) -> None:
    examination = Personal().examine(labelled(action))
    (finding,) = examination.findings
    assert examination.outcome is Outcome.FAILED
    assert (finding.rule, finding.severity, finding.where) == ("personal.label", Severity.ERROR, "column 'who'")
    assert "a label of personal data" in finding.message
    assert "who: keep" in finding.hint
    assert "anna" not in str(finding)


def test_a_label_of_personal_data_can_be_accepted_by_name() -> None:
    examination = Personal().examine(labelled("keep"))
    assert examination.outcome is Outcome.PASSED
    assert [f.rule for f in examination.findings] == ["personal.accepted"]
