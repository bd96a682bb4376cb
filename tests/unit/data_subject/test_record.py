"""What is put on record of a request says no more than is known."""

import re
from datetime import UTC, datetime

import pytest

from secmlops.core.digest import Digest
from secmlops.core.finding import Severity
from secmlops.data_subject.holding import Holding
from secmlops.data_subject.record import nothing_held, project_subject

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PERSON = Digest.of(b"somebody")


@pytest.mark.parametrize(
    ("unread", "severity", "told"),
    [
        ((), Severity.NOTE, "nothing is held on the person, as ada was told"),
        (("file a.csv",), Severity.WARNING, "nothing .* in the tables that could be searched; 1 table could not"),
        (("file a.csv", "vault b"), Severity.WARNING, "nothing .* that could be searched; 2 tables could not"),
    ],
)
def test_nothing_is_said_of_tables_that_could_not_be_searched(unread, severity, told) -> None:
    holding = Holding(PERSON, (), (), (), (), (), unread)
    evidence = nothing_held(holding, project_subject("loans", "id"), "ada", NOW)
    (finding,) = evidence.findings
    assert finding.severity is severity
    assert evidence.measures["unread_tables"] == len(unread)
    assert re.fullmatch(told, finding.message)
