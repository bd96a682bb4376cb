from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome, Price
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.trust.attestation import attest, read_attestation
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.moment import read_moment, write_moment
from secmlops.trust.roles import KeyRing, RingKey, Role

KEY = PrivateKey.generate(Algorithm.ED25519)
RING = KeyRing((RingKey(KEY.public, Role.ENGINEER, datetime.min.replace(tzinfo=UTC)),))

texts = st.text(st.characters(codec="utf-8"), max_size=30)
digests = st.binary(max_size=4).map(Digest.of)
by_name = st.dictionaries(texts, digests, max_size=3)
numbers = st.floats(allow_nan=False, allow_infinity=False)
sizes = st.integers(0, 2**53 - 1)
moments = st.datetimes(timezones=st.just(UTC))
evidences = st.builds(
    Evidence,
    control=st.builds(ControlRef, texts, texts, digests),
    stage=st.sampled_from(Stage),
    subject=st.builds(Subject, st.sampled_from(SubjectKind), texts, digests),
    outcome=st.sampled_from(Outcome),
    at=moments,
    measures=st.dictionaries(texts, numbers, max_size=4),
    findings=st.lists(st.builds(Finding, texts, st.sampled_from(Severity), texts, texts, texts), max_size=3).map(tuple),
    materials=by_name,
    products=by_name,
    price=st.builds(Price, numbers, numbers, sizes, sizes),
)


@given(evidences)
@settings(max_examples=60)
def test_any_evidence_comes_back_exactly(evidence):
    verified = read_attestation(attest(evidence, KEY), RING)
    assert verified.evidence == evidence
    assert verified.key_id == KEY.key_id


@given(moments)
def test_any_moment_comes_back_exactly(moment):
    assert read_moment(write_moment(moment)) == moment
