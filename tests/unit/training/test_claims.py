"""Claims are told as such, and what is no claim stays a measure."""

from secmlops.core.finding import Severity
from secmlops.training.claims import CLAIMED, claims, measured


def test_only_claims_are_told_and_only_the_rest_is_measured() -> None:
    told = {"robust_budget": 0.5, "robust_rounds": 3.0}
    (finding,) = claims(told, "train.py")
    assert (finding.rule, finding.severity, finding.where) == ("run-claimed", Severity.NOTE, "train.py")
    assert "robust_rounds 3" in finding.message
    assert "robust_budget" not in finding.message
    assert measured(told) == {"robust_budget": 0.5}
    assert claims(measured(told), "train.py") == ()


def test_what_is_required_instead_is_no_claim_itself() -> None:
    assert not {instead.partition(",")[0] for instead in CLAIMED.values()} & set(CLAIMED)
