import re

from secmlops.data.recognise.catalogue import RECOGNISERS
from secmlops.data.recognise.recogniser import Kind


def test_every_kind_has_a_recogniser() -> None:
    assert {r.kind for r in RECOGNISERS} == set(Kind)


def test_every_suggestion_is_an_action() -> None:
    assert {r.suggestion for r in RECOGNISERS} <= {"drop", "pseudonymise", "generalise", "encrypt"}


def test_every_pattern_is_readable_by_python() -> None:
    for recogniser in RECOGNISERS:
        assert re.compile(recogniser.whole)
        assert recogniser.whole or recogniser.inside
