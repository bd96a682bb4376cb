"""What a project file may not say of its data."""

import re

import pytest

from secmlops.core.errors import InputError
from secmlops.data.governance.settings import Consent, LegalBasis, Sensitivity
from secmlops.project import load_project
from secmlops.project.columns import missing_columns

BEFORE = """\
secmlops: 1
name: loans
task: binary_classification
data:
  source: t.csv
  label: y
  subject_id: who
  groups: [machine]
  time: asked
  source_column: branch
  serving: asked.csv
  protect: {machine: pseudonymise, asked: keep}
  governance:
    purpose: [scoring, fraud prevention]
    legal_basis: consent
    source: loan desk
    owner: head of risk
    retention: 730 d
    sensitivity: confidential
    consent: {reference: form 7, column: agreed, withdrawn: gone.txt}
training:
  model: logistic_regression
  purpose: scoring
"""


def test_governance_is_read() -> None:
    record = load_project(BEFORE).data.governance
    assert record is not None
    assert record.purpose == ("scoring", "fraud prevention")
    assert (record.legal_basis, record.sensitivity) == (LegalBasis.CONSENT, Sensitivity.CONFIDENTIAL)
    assert record.consent == Consent(reference="form 7", column="agreed", withdrawn="gone.txt")


def test_every_column_that_is_named_must_be_there() -> None:
    places = [".".join(map(str, place)) for place, _ in missing_columns(load_project(BEFORE).data, ["y", "who"])]
    assert places == [
        "data.protect.machine",
        "data.protect.asked",
        "data.groups.0",
        "data.time",
        "data.source_column",
        "data.governance.consent.column",
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("legal_basis: consent", "legal_basis: consnt", "did you mean consent?"),
        ("sensitivity: confidential", "sensitivity: high", "allowed: public, internal, confidential, restricted"),
        ("retention: 730 d", "retention: 2 years", "'2 years' is not an amount"),
        ("purpose: [scoring, fraud prevention]", "purpose: []", "data.governance.purpose"),
        ("purpose: [scoring, fraud prevention]", "purpose: ['']", "data.governance.purpose"),
        ("    owner: head of risk\n", "", "data.governance: the key owner is missing"),
        ("    owner: head", "    ownr: head", "unknown key; did you mean owner?"),
        ("withdrawn: gone.txt", "withdrawn: ../gone.txt", "not a file below the project's folder"),
        ("withdrawn: gone.txt", "withdrwn: gone.txt", "data.governance.consent.withdrwn: unknown key"),
        ("consent: {reference: form 7, column: agreed, withdrawn: gone.txt}", "consent: 3", "expected a section"),
        ("  governance:\n", "  governance: yes\n  other:\n", "data.governance: expected a section"),
        ("  subject_id: who\n", "", "a list of subjects needs data.subject_id"),
        ("serving: asked.csv", "serving: /etc/passwd", "not a file below the project's folder"),
        ("machine: pseudonymise", "machine: drop", "keeps no group together"),
        ("asked: keep", "asked: generalise", "must stay readable"),
        ("groups: [machine]", "groups: [y]", "the label cannot name groups"),
        ("time: asked", "time: y", "the label is not the moment"),
        ("source_column: branch", "source_column: y", "the label is not the source"),
        ("machine: pseudonymise", "machine: pseudonymise, branch: drop", "a dropped column tells no source"),
    ],
)
def test_what_contradicts_itself_is_refused(right: str, wrong: str, told: str) -> None:
    assert right in BEFORE
    with pytest.raises(InputError) as refused:
        load_project(BEFORE.replace(right, wrong))
    assert told in str(refused.value)


def test_an_empty_section_is_no_section() -> None:
    assert (
        load_project(
            BEFORE.partition("  governance:\n")[0] + "  governance:\ntraining: {model: random_forest}\n"
        ).data.governance
        is None
    )


ANONYMISED = """\
  anonymise:
    quasi_identifiers: {age: {hierarchy: age}, city: {}}
    sensitive: {ill: {distinct_l: 2}}
  governance:
"""


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("city: {}", "y: {}", "the label 'y' is a quasi-identifier"),
        ("city: {}", "who: {}", "this column names a person: protect it"),
        ("city: {}", "asked: {}", "this column is the moment of a row"),
        ("city: {}", "machine: {}", "this column names groups"),
        ("asked: keep", "asked: keep, city: drop", "there is nothing to generalise after drop"),
        ("asked: keep", "asked: keep, age: encrypt", "there is nothing to generalise after encrypt"),
        ("asked: keep", "asked: keep, ill: drop", "a dropped column is in no class"),
        ("ill: {distinct_l: 2}", "ill: {}", "nothing is asked for"),
        ("ill: {distinct_l: 2}", "age: {t: 0.2}", "both quasi-identifier and sensitive"),
        ("{hierarchy: age}", "{hierarchy: years}", "age"),
        ("{hierarchy: age}", "{groups: {a: [1], b: [1]}}", "named twice"),
        ("    quasi", "    k: 1\n    quasi", "data.anonymise.k"),
    ],
)
def test_what_cannot_be_anonymised_as_it_is_asked_for_is_told_before_anything_runs(
    right: str, wrong: str, told: str
) -> None:
    text = BEFORE.replace("  governance:\n", ANONYMISED)
    assert load_project(text).data.anonymise is not None
    assert right in text
    with pytest.raises(InputError, match=re.escape(told)):
        load_project(text.replace(right, wrong, 1))


def test_a_source_may_be_elsewhere() -> None:
    elsewhere = BEFORE.replace("source: t.csv", "source: s3://lending/loans/")
    assert load_project(elsewhere).data.source == "s3://lending/loans/"
    asked = BEFORE.replace("source: t.csv", "source: postgresql://db/lending\n  query: SELECT 1")
    assert load_project(asked).data.query == "SELECT 1"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("postgresql://u:hunter2@db/lending?table=t", "data.source: a password in the URL"),
        ("postgresql://db/lending", "data.source: exactly one of table and query"),
        ("ftp://host/t.csv", "data.source: no URL of a source"),
        ("s3://lending", "data.source: no URL of an object"),
        ("t.csv\n  query: SELECT 1", "data.query: a query is for a source that begins with postgresql://"),
    ],
)
def test_a_source_that_cannot_be_is_told_without_its_secret(source: str, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)) as refused:
        load_project(BEFORE.replace("source: t.csv", f"source: {source}"))
    assert "hunter2" not in str(refused.value)
