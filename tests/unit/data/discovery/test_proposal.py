import yaml

from secmlops.data.discovery.proposal import proposed_protection
from secmlops.data.discovery.survey import Manner, TableSurvey, survey_bytes


def surveyed(text: str, name: str = "people.csv") -> TableSurvey:
    survey = survey_bytes(text.encode(), name, Manner())
    assert isinstance(survey, TableSurvey)
    return survey


PEOPLE = surveyed('"e-mail: of",dob,n\n' + "".join(f"p{i}@example.org,1980-05-1{i % 9},{i}\n" for i in range(20)))


def test_the_proposal_is_a_piece_of_a_project_file_and_holds_no_value() -> None:
    text = proposed_protection([PEOPLE])
    assert yaml.safe_load(text) == {"data": {"protect": {"e-mail: of": "drop", "dob": "generalise"}}}
    assert "p1@example.org" not in text
    assert "1980" not in text
    assert "GDPR 4(1)" in text


def test_several_tables_are_documents_of_their_own() -> None:
    nothing = surveyed("a,b\n1,2\n3,4\n", "plain.csv")
    first, second = yaml.safe_load_all(proposed_protection([PEOPLE, nothing]))
    assert len(first["data"]["protect"]) == 2
    assert second == {"data": {"protect": {}}}


def test_a_name_cannot_end_the_comment() -> None:
    named = TableSurvey("a\ndata: x", 2, 2, ())
    assert yaml.safe_load(proposed_protection([named])) == {"data": {"protect": {}}}
