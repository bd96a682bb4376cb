import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.recognise import prose
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.prose import Mentioned, mentions_of


def mentioned(texts: list[str], everything: bool = False) -> dict[Kind, Mentioned]:
    return {told.kind: told for told in mentions_of(pa.array(texts), np.random.default_rng(1), everything)}


PLAIN = ["a case that went through without a question"] * 90


def test_kinds_and_shares() -> None:
    told = mentioned([*PLAIN, *(f"reach p{i}@example.org about it" for i in range(10))])
    assert list(told) == [Kind.EMAIL]
    assert told[Kind.EMAIL].share == pytest.approx(0.1)


def test_numbers_of_which_some_pass_by_chance_are_none() -> None:
    assert mentioned([f"it is {4_111_111_111_111_100 + i} of them" for i in range(200)]) == {}


def test_nothing_is_mentioned_in_nothing() -> None:
    assert mentioned(PLAIN) == {}


def test_many_characters_are_searched_in_part_unless_all_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prose, "SEARCHED_CHARACTERS", 2_000)
    texts = [f"reach p{i}@example.org about it" for i in range(1_000)]
    searched: list[str] = []
    places = prose.places_of
    monkeypatch.setattr(prose, "places_of", lambda text: (searched.append(text), places(text))[1])
    assert mentioned(texts)[Kind.EMAIL].share == pytest.approx(1.0)
    assert len(searched) < 100
    searched.clear()
    assert mentioned(texts, everything=True)[Kind.EMAIL].share == pytest.approx(1.0)
    assert len(searched) == 1_000


def test_equal_texts_are_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []
    places = prose.places_of
    monkeypatch.setattr(prose, "places_of", lambda text: (searched.append(text), places(text))[1])
    assert mentioned(["reach anna@example.org about it"] * 50)[Kind.EMAIL].share == pytest.approx(1.0)
    assert len(searched) == 1
