"""Texts and cells that are made to keep the search for personal data busy, or to hide something behind their size."""

import time

import pyarrow as pa
import pytest

from secmlops.data.discovery.columns import discover
from secmlops.data.discovery.text_search import search
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.spans import spans

LENGTH = 20_000
SECONDS = 2.0
SEEDS = (
    "00:", "::", "1.", "1-", "+1", "1 ", "1,1.", "Aa-", "AA:", "a.", "a@a.", "a%40", "DE89 AAAA ", "12 rue Aa ", "Mr ",
    "Anna Schmidt ", "http://a@", "https://a/a/", "?user=", "eyJa.", "sk-", "password:", "a_token=", "P<", "12°1'1",
    "lat: 1.111,", "ssn 1 ", "passport ", "born 1", "\u200b", "\ufdfa", "山",
)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_a_long_text_is_searched_in_time(seed: str) -> None:
    text = (seed * (LENGTH // len(seed) + 1))[:LENGTH]
    began = time.process_time()
    spans(text)
    assert time.process_time() - began < SECONDS


def test_what_stands_behind_ten_megabytes_in_a_cell_is_found() -> None:
    cell = "and more words " * 700_000 + "write to anna@example.org"
    began = time.process_time()
    (found,) = discover(pa.table({"remark": [cell, "nothing in here but words", cell]}), seed=0)
    assert found.kinds == (Kind.EMAIL,)
    assert time.process_time() - began < 5 * SECONDS


def test_what_stands_behind_megabytes_on_one_line_is_found() -> None:
    text = "and more words " * 70_000 + "write to anna@example.org"
    (found,) = search(text)
    assert (found.line, found.column) == (1, len(text) - len("anna@example.org") + 1)
    assert found.span.end == len(text)


def test_an_address_hidden_by_characters_without_width_is_found() -> None:
    hidden = "\u200b".join("anna@example.org")
    (found,) = spans(f"mail {hidden} now")
    assert (found.kind, found.start) == (Kind.EMAIL, 5)


def test_a_number_in_full_width_digits_is_found() -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in "4111 1111 1111 1111")
    assert [s.kind for s in spans(f"card {wide}")] == [Kind.CARD]
