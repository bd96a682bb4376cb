import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secmlops.data.recognise.catalogue import RECOGNISERS
from secmlops.data.recognise.heads import TOKEN, head_of
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.law import CATEGORIES, short
from secmlops.data.recognise.recogniser import Recogniser


def test_every_kind_has_a_recogniser() -> None:
    assert {r.kind for r in RECOGNISERS} == set(Kind)


def test_every_suggestion_is_an_action() -> None:
    assert {r.suggestion for r in RECOGNISERS} <= {"drop", "pseudonymise", "generalise", "encrypt"}


def test_every_pattern_is_readable_by_python() -> None:
    for recogniser in RECOGNISERS:
        assert re.compile(recogniser.whole)
        assert recogniser.whole or recogniser.inside


_BY_DIGITS = [
    r for r in RECOGNISERS if r.inside and r.kind in (Kind.NATIONAL_ID, Kind.CARD, Kind.BIRTH_DATE, Kind.PLATE)
]


@pytest.mark.parametrize("recogniser", _BY_DIGITS, ids=lambda r: f"{r.kind}, {r.scheme}")
@settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_every_mention_begins_as_its_heads_say_and_can_be_checked(recogniser: Recogniser, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(rf"(?:{recogniser.inside})", fullmatch=True, alphabet=st.characters(codec="ascii")))
    token = TOKEN.match(text)
    assert token is not None
    assert head_of(token, text) in set(recogniser.heads)
    assert recogniser.check(recogniser.cut(text)) in (True, False)


def test_every_kind_has_its_categories() -> None:
    assert set(CATEGORIES) == set(Kind)
    assert all(short(kind) for kind in Kind)
