from typing import Any

import pytest

from secmlops.core.errors import InputError
from secmlops.data.anonymise.demand import Demand, QuasiIdentifier, Sensitive
from secmlops.data.anonymise.hierarchy import Hierarchy
from secmlops.data.anonymise.privacy import Closeness, DistinctDiversity, Ground, Presence

AGE, JOB = QuasiIdentifier("age"), QuasiIdentifier("job")
DISEASE = Sensitive("disease", (DistinctDiversity(2),))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"quasi_identifiers": ()}, "no quasi-identifiers"),
        ({"k": 1}, "k is 1"),
        ({"suppress": 0.6}, "suppress is 0.6"),
        ({"label_weight": 1.5}, "label_weight is 1.5"),
        ({"sampling": 0.0}, "sampling is 0.0"),
        ({"quasi_identifiers": (AGE, AGE)}, "quasi-identifier is named twice"),
        ({"sensitive": (DISEASE, DISEASE)}, "sensitive column is named twice"),
        ({"sensitive": (Sensitive("age", ()),)}, "both quasi-identifier and sensitive: age"),
        ({"label": "job"}, "the label 'job' is a quasi-identifier"),
        ({"presence": "disease"}, "the presence column has another role"),
    ],
)
def test_a_demand_that_contradicts_itself_is_refused(settings: dict[str, Any], told: str) -> None:
    sound: dict[str, Any] = {"quasi_identifiers": (AGE, JOB), "k": 5, "sensitive": (DISEASE,)}
    Demand(**sound)
    with pytest.raises(InputError, match=told):
        Demand(**sound | settings)


@pytest.mark.parametrize("weight", [0, -1, float("inf"), float("nan")])
def test_a_weight_is_above_nothing(weight: float) -> None:
    with pytest.raises(InputError, match="weight"):
        QuasiIdentifier("age", weight=weight)


def test_distances_need_what_they_go_by() -> None:
    hierarchy = Hierarchy({"flu": "*"})
    Sensitive("disease", (Closeness(0.2, Ground.HIERARCHICAL),), hierarchy)
    with pytest.raises(InputError, match="needs a hierarchy"):
        Sensitive("disease", (Closeness(0.2, Ground.HIERARCHICAL),))
    with pytest.raises(InputError, match="leave the hierarchy out"):
        Sensitive("disease", (Closeness(0.2, Ground.ORDERED),), hierarchy)
    with pytest.raises(InputError, match="presence"):
        Sensitive("disease", (Presence(0, 0.5, 2),))
