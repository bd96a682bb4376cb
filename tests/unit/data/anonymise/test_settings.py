from typing import Any

import msgspec
import pytest

from secmlops.core.errors import InputError
from secmlops.data.anonymise.demand import BuiltIn, Demand, QuasiIdentifier, Representation, Sensitive
from secmlops.data.anonymise.hierarchy import Hierarchy
from secmlops.data.anonymise.privacy import Closeness, DistinctDiversity, EntropyDiversity, Ground, RecursiveDiversity
from secmlops.data.anonymise.settings import AnonymiseSettings, demand_of


def asked(**section: Any) -> Demand:
    return demand_of(msgspec.convert({"quasi_identifiers": {"age": {}}, **section}, AnonymiseSettings), "label")


def test_what_is_not_said_has_a_default() -> None:
    assert asked() == Demand((QuasiIdentifier("age"),), 10, label="label", representation=Representation.CENTRE)


def test_all_of_it() -> None:
    quasi = {
        "age": {"hierarchy": "age", "weight": 2.5},
        "city": {"groups": {"Europe": ["Delft", "Ghent"], "codes": {"low": [1, True]}}},
    }
    diseases = {
        "disease": {"distinct_l": 3, "entropy_l": 2.5, "recursive": [3, 2]},
        "cost": {"t": 0.2, "distance": "ordered"},
        "ward": {"t": 0.3, "distance": "hierarchical", "groups": {"surgery": ["a"], "other": ["b"]}},
    }
    made = asked(quasi_identifiers=quasi, sensitive=diseases, k=5, suppress=0.02, sampling=0.1, keep="range")
    places = Hierarchy.from_nested(
        {"Europe": ["Delft", "Ghent"], "codes": {"low": ["1", "true"]}}, "hierarchy of 'city'"
    )
    assert made.quasi_identifiers == (QuasiIdentifier("age", BuiltIn.AGE, 2.5), QuasiIdentifier("city", places))
    assert made.sensitive[0] == Sensitive(
        "disease", (DistinctDiversity(3), EntropyDiversity(2.5), RecursiveDiversity(3, 2))
    )
    grounds = [model.ground for wanted in made.sensitive for model in wanted.models if isinstance(model, Closeness)]
    assert grounds == [Ground.ORDERED, Ground.HIERARCHICAL]
    assert (made.k, made.suppress, made.sampling, made.representation) == (5, 0.02, 0.1, Representation.RANGE)


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"sensitive": {"disease": {}}}, "nothing is asked for"),
        ({"sensitive": {"age": {"distinct_l": 2}}}, "both quasi-identifier and sensitive"),
        ({"quasi_identifiers": {"label": {}}}, "the label 'label' is a quasi-identifier"),
        ({"quasi_identifiers": {"age": {"hierarchy": "age", "groups": {"g": ["1"]}}}}, "built-in hierarchy and groups"),
        ({"quasi_identifiers": {"age": {"groups": {"g": "1"}}}}, "neither groups nor values"),
        ({"quasi_identifiers": {"age": {"groups": {"g": [{"h": 1}]}}}}, "neither groups nor values"),
        ({"quasi_identifiers": {"age": {"groups": {"g": ["1"], "h": ["1"]}}}}, "named twice"),
    ],
)
def test_what_contradicts_itself_is_refused(section: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        asked(**section)
