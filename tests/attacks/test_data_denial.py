"""Texts that are made to keep a recogniser busy: the time of each is bounded, however long the text is."""

import time

import pyarrow as pa
import pytest

from secmlops.data.discovery.clues import CHECKED_CELLS
from secmlops.data.discovery.columns import discover
from secmlops.data.recognise.catalogue import RECOGNISERS
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import MENTION_CHARACTERS, Recogniser

LENGTH = 20_000
SEEDS = (
    "A", "Aa", "A ", "Aa ", "Aa-", "A'", "1", "1 ", "0", "+1", "1.", "12 Aa Aa ", "Rue ", "Rue A ", "12 rue Aa ", "a.",
    "a@", "a@a.", "a%40", "(at)", "DE89 AAAA ", "Mr ", "Anna A", "von ", "call 0", "01 ", "ü", "AA:", "AA:AA", "1,1.",
    "born 1", "\u200b", "\ufdfa", "山",
)  # fmt: skip
SECONDS = 1.0


def busy(seed: str) -> str:
    return (seed * (LENGTH // len(seed) + 1))[:LENGTH]


def used_by(recogniser: Recogniser, text: str) -> float:
    began = time.process_time()
    recogniser.mentioned_in(text)
    return time.process_time() - began


def test_all_mentions_are_looked_for_in_a_second() -> None:
    patterns = [r for r in RECOGNISERS if r.inside]
    spent = {r.kind: max(used_by(r, busy(seed)) for seed in SEEDS) for r in patterns}
    assert sum(spent.values()) < SECONDS, spent


@pytest.mark.parametrize("seed", SEEDS)
def test_a_table_of_long_cells_is_searched_in_a_second(seed: str) -> None:
    table = pa.table({"t": [busy(seed)] * 10, "full_name": [f"{busy(seed)} {i}" for i in range(10)]})
    began = time.process_time()
    discover(table, seed=0)
    assert time.process_time() - began < SECONDS


def test_no_check_and_no_pattern_of_python_sees_more_than_a_bounded_text() -> None:
    seen: list[int] = []

    def check(text: str) -> bool:
        seen.append(len(text))
        return False

    recogniser = Recogniser(Kind.EMAIL, whole="a", inside="a{1,9000}", check=check)
    recogniser.confirms("a" * LENGTH)
    recogniser.mentioned_in("a" * LENGTH)
    assert seen == [1_000, MENTION_CHARACTERS]


def test_personal_data_behind_a_long_text_is_found() -> None:
    far = f"{'words and more words ' * 2_000} anna@example.org {'and words ' * 2_000}"
    (found,) = discover(pa.table({"remark": [far] * 20}), seed=0)
    assert Kind.EMAIL in found.kinds


def test_cells_beyond_the_sample_are_not_all_read_by_python() -> None:
    rows = CHECKED_CELLS + 1_000
    table = pa.table({"remark": [f"{i} {'Aa ' * 300}" for i in range(rows)]})
    began = time.process_time()
    discover(table, seed=0)
    assert time.process_time() - began < 5 * SECONDS
