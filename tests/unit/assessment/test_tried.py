"""What is said to have been tried is what was."""

import json
from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace

from secmlops.assessment.tried import AUDIT, tried


def said(
    control: str,
    attack: str = "the attacks",
    measures: Mapping[str, float] = MappingProxyType({}),
) -> str:
    attempts = [{"name": "hop_skip_jump", "obstacle": ""}, {"name": "apgd", "obstacle": "no gradient: made of trees"}]
    found = SimpleNamespace(control=SimpleNamespace(id=control), products={"curve": ""}, measures=measures)
    return tried(attack, found, lambda evidence, name: json.dumps({"attacks": attempts, "points": []}).encode())  # type: ignore[arg-type]


def test_an_attack_that_could_not_run_is_not_listed() -> None:
    assert said("assurance.evasion") == "HopSkipJump"


def test_attacks_on_members_are_those_that_were_measured() -> None:
    measures = {"rmia.attack_auc": 0.6, "labels.attack_auc": 0.5, "labels.tpr_at_1pct": 0.1, "attack_auc": 0.6}
    assert said("assurance.membership", measures=measures) == "RMIA, labels"
    assert said("assurance.membership", AUDIT, measures=measures) == AUDIT


def test_what_does_not_name_its_attacks_keeps_the_words_of_the_battery() -> None:
    assert said("assurance.inversion") == "the attacks"
