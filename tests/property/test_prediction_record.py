"""Prediction records are canonical JSON, whatever the scores are, though a fast encoder writes them."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from secmlops.serving.record import PredictionRecord, Verdicts
from secmlops.trust.canonical import canonical_json

WORDS = st.text(max_size=20).filter(lambda text: text.isprintable())
ANY = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = ANY | st.floats(0, 1) | st.floats(1e-7, 1e-4) | st.integers(-(2**60), 2**60).map(float)


@settings(max_examples=150)
@given(
    outputs=st.lists(st.lists(NUMBERS, max_size=4), max_size=4),
    words=st.tuples(WORDS, WORDS, WORDS),
    at=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))])),
    rows=st.integers(0, 4096),
)
@example([[0.0, -0.0, 1.0]], ("", "", ""), datetime(2026, 3, 1, tzinfo=UTC), 1)
@example(
    [[1e-6, 9.999999999999999e-06, 1e-5, 1e21, 5e-324, 2.0**53]], ("\x7f", "é", ""), datetime(2026, 1, 1, tzinfo=UTC), 1
)
def test_a_record_is_canonical_and_reads_back(outputs, words, at, rows):
    record = PredictionRecord(
        id="0" * 32,
        release="sha256:0",
        model="sha256:1",
        identity="key:0",
        request="sha256:2",
        rows=rows,
        answer="sha256:3",
        outputs=outputs,
        at=at,
        verdicts=Verdicts(*words),
    )
    data = record.to_json()
    assert data == canonical_json(msgspec.to_builtins(record))
    assert PredictionRecord.from_json(data) == record
