"""What is on record of a reading: who, which columns, which data set, and no value."""

from kits.columns_world import AT, DATASET
from secmlops.access.data_rights import Right
from secmlops.access.identity import Identity
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.data.columns.catalogue import StoredDataSet
from secmlops.data.columns.record import Deed
from secmlops.trust.attestation import attest
from secmlops.trust.canonical import digest_of
from secmlops.trust.keys import Algorithm, PrivateKey

ADA = Identity("user:ada", "ada")
LOANS = StoredDataSet("loans.csv", DATASET, AT)


def test_a_reading_says_who_which_columns_and_which_data_set():
    evidence = Deed(ADA, Right.VIEW, LOANS, ("income", "purpose")).evidence(AT)
    assert (evidence.control.id, evidence.outcome, evidence.at) == ("data.read", Outcome.PASSED, AT)
    assert (evidence.subject.name, evidence.subject.digest) == ("loans.csv", DATASET)
    (finding,) = evidence.findings
    assert (finding.severity, finding.message) == (Severity.NOTE, "read by user:ada: 'income', 'purpose'")
    assert evidence.materials == {"columns": digest_of(["income", "purpose"])}
    assert evidence.measures == {"columns": 2.0}


def test_one_that_was_stopped_failed_and_says_why():
    evidence = Deed(ADA, Right.MODIFY, LOANS, ()).evidence(AT, stopped="no right to modify")
    assert (evidence.control.id, evidence.outcome) == ("data.destroy", Outcome.FAILED)
    assert evidence.findings[0].severity is Severity.ERROR
    assert evidence.findings[0].message == "destroy by user:ada: no right to modify: no column"


def test_ten_thousand_columns_fit_into_an_entry_of_the_ledger():
    columns = tuple(f"column number {n}" for n in range(10_000))
    evidence = Deed(ADA, Right.VIEW, LOANS, columns).evidence(AT)
    assert evidence.findings[0].message.endswith("(10000 in all)")
    assert len(attest(evidence, PrivateKey.generate(Algorithm.ED25519))) < 65_000
    assert evidence.materials["columns"] == digest_of(list(columns))
