import pytest

from secmlops.core.errors import InputError
from secmlops.core.stage import Stage
from secmlops.core.task import Task
from secmlops.design.facts import ABILITIES, FACTS_IN_WORDS, Actor, Fact, ProjectFacts


def test_what_nobody_stated_admits_more_threats() -> None:
    assert ProjectFacts("credit", Task.BINARY).facts == set(Fact) - {Fact.PRETRAINED_MODEL}


def test_facts_follow_what_is_stated() -> None:
    project = ProjectFacts(
        "pumps",
        Task.REGRESSION,
        frozenset({Stage.DATA, Stage.TRAINING}),
        personal_data=False,
        outside_data=False,
        feedback=False,
        pretrained_model=True,
    )
    assert project.facts == {Fact.PRETRAINED_MODEL}


def test_a_project_without_a_stage_is_refused() -> None:
    with pytest.raises(InputError, match="no stage"):
        ProjectFacts("void", Task.BINARY, frozenset())


def test_every_actor_and_fact_has_words() -> None:
    assert set(ABILITIES) == set(Actor)
    assert set(FACTS_IN_WORDS) == set(Fact)
