from dataclasses import replace

import msgspec
import pytest

from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.data.governance.control import Governance, GovernedUse
from secmlops.data.governance.settings import Consent, GovernanceRecord, LegalBasis, Sensitivity
from secmlops.testing import check_control

RECORD = GovernanceRecord(
    purpose=("credit scoring", "fraud prevention"),
    legal_basis=LegalBasis.CONTRACT,
    source="loan desk",
    owner="head of risk",
    retention="730 d",
    sensitivity=Sensitivity.CONFIDENTIAL,
)
USE = GovernedUse(RECORD, "credit scoring", rows=100, age=10, retention=730, personal=3)


def told(use: GovernedUse) -> list[tuple[str, Severity]]:
    return [(f.rule, f.severity) for f in Governance().examine(use).findings]


def of(**changes: object) -> GovernedUse:
    return replace(USE, record=msgspec.structs.replace(RECORD, **changes))


def test_a_use_that_is_on_record_passes() -> None:
    examination = check_control(Governance(), USE)
    assert not examination.findings
    assert examination.measures["declared"] == examination.measures["purpose_matches"] == 1
    assert examination.measures["retention_days"] == 730


@pytest.mark.parametrize(
    "use", [replace(USE, purpose="marketing"), replace(USE, purpose=None), replace(USE, record=None)]
)
def test_another_purpose_fails(use: GovernedUse) -> None:
    examination = Governance().examine(use)
    assert examination.outcome is Outcome.FAILED
    assert examination.findings[0].rule == "governance.purpose"
    assert examination.measures["purpose_matches"] == 0


def test_nothing_on_record_is_a_warning() -> None:
    assert told(replace(USE, record=None, purpose=None)) == [("governance.undeclared", Severity.WARNING)]
    assert Governance().examine(replace(USE, record=None, purpose=None)).measures["declared"] == 0


def test_rows_that_nobody_learns_from_are_counted() -> None:
    examination = Governance().examine(replace(USE, refused=3, withdrawn=1, unknown=2))
    assert [f.message for f in examination.findings] == [
        "3 rows without consent: nobody learns from them",
        "1 row of subjects who withdrew their consent: nobody learns from them",
        "2 listed subjects without a row",
    ]
    assert examination.outcome is Outcome.PASSED
    assert examination.measures["unknown_subjects"] == 2


def test_a_list_that_became_shorter_is_told() -> None:
    assert told(replace(USE, listed=2, listed_before=3)) == [("governance.withdrawals", Severity.WARNING)]
    assert told(replace(USE, listed=3, listed_before=3)) == []


def test_data_kept_too_long_fail() -> None:
    assert told(replace(USE, age=731)) == [("governance.retention", Severity.ERROR)]
    assert told(replace(USE, age=730)) == []


def test_personal_data_are_neither_of_nobody_nor_public() -> None:
    assert told(of(legal_basis=LegalBasis.NOT_PERSONAL)) == [("governance.basis", Severity.ERROR)]
    assert told(of(sensitivity=Sensitivity.PUBLIC)) == [("governance.sensitivity", Severity.WARNING)]
    machines = of(legal_basis=LegalBasis.NOT_PERSONAL, sensitivity=Sensitivity.PUBLIC)
    assert told(replace(machines, personal=0)) == []


@pytest.mark.parametrize("consent", [None, Consent(reference="form 7")])
def test_consent_that_cannot_be_withdrawn_is_told(consent: Consent | None) -> None:
    assert told(of(legal_basis=LegalBasis.CONSENT, consent=consent)) == [("governance.consent", Severity.WARNING)]


@pytest.mark.parametrize("consent", [Consent(column="consent"), Consent(withdrawn="withdrawn.txt")])
def test_consent_that_can_be_withdrawn_is_fine(consent: Consent) -> None:
    assert told(of(legal_basis=LegalBasis.CONSENT, consent=consent)) == []
