from collections.abc import Sequence

import pyarrow as pa
import pytest

from secmlops.data.discovery.entity_model import Entity
from secmlops.data.protection.redact import redact, redacted
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.spans import spans


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("write to ann.lee@example.org today", "write to [e-mail address] today"),
        ("card 4111 1111 1111 1111, paid", "card [payment card], paid"),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN [bank account]"),
        ("paid in full, 3 instalments", "paid in full, 3 instalments"),
        ("", ""),
    ],
)
def test_each_mention_reads_as_its_kind_and_the_rest_stays(text: str, made: str) -> None:
    assert redacted(text) == made


def test_nothing_is_found_in_what_was_redacted() -> None:
    text = "Ann Lee, born 12.03.1980, ann@example.org, +44 20 7946 0958, DE89370400440532013000, 10.1.2.3"
    assert spans(text)
    assert not spans(redacted(text))


def test_a_cell_of_megabytes_is_searched_to_its_end() -> None:
    text = "harmless words here\n" * 60_000 + "ann@example.org"
    assert redacted(text) == text.replace("ann@example.org", "[e-mail address]")


def test_a_column_keeps_its_length_and_what_is_missing() -> None:
    column = pa.chunked_array([["ring ann@example.org", None], ["fine", "ring ann@example.org"]])
    made = ["ring [e-mail address]", None, "fine", "ring [e-mail address]"]
    assert redact(column).to_pylist() == made


class Diagnoses:
    def entities(self, texts: Sequence[str], /) -> Sequence[Sequence[Entity]]:
        return [[Entity(t.index("gout"), t.index("gout") + 4, Kind.HEALTH_NUMBER, 0.9)] for t in texts]


def test_an_entity_model_finds_more() -> None:
    column = pa.chunked_array([["has gout"]])
    assert redact(column, Diagnoses()).to_pylist() == ["has [health number]"]
