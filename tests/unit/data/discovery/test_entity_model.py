from collections.abc import Sequence
from pathlib import Path

import pytest

from secmlops.core.errors import InputError
from secmlops.data.discovery.entity_model import Entity, EntityModel, entity_model, with_entities
from secmlops.data.discovery.text_search import search
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.spans import spans

PACKAGE = """
from secmlops.data.discovery.entity_model import Entity
from secmlops.data.recognise.kind import Kind

class Rare:
    def entities(self, texts):
        at = [t.find("Zzyzx") for t in texts]
        return [[Entity(i, i + 5, Kind.PERSON_NAME, 0.9)] if i >= 0 else [] for i in at]

made = Rare()
nothing = 7
"""


class Answers:
    def __init__(self, *entities: Sequence[Entity]) -> None:
        self.answer = entities

    def entities(self, texts: Sequence[str], /) -> Sequence[Sequence[Entity]]:
        return self.answer


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with an entity model, as an installer leaves it."""
    (tmp_path / "rare_names.py").write_text(PACKAGE)
    info = tmp_path / "rare_names-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rare-names\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[secmlops.entity_models]\nrare = rare_names:Rare\nmade = rare_names:made\n"
        "broken = rare_names:missing\nnothing = rare_names:nothing\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.parametrize("name", ["rare", "made"])
def test_a_model_that_is_installed_finds_what_patterns_do_not(name: str, installed: None) -> None:
    model = entity_model(name)
    assert isinstance(model, EntityModel)
    text = "we met Zzyzx, anna@example.org"
    assert [text[m.span.start : m.span.end] for m in search(text)] == ["anna@example.org"]
    assert [text[m.span.start : m.span.end] for m in search(text, model)] == ["Zzyzx", "anna@example.org"]


@pytest.mark.parametrize(("name", "told"), [("none", "no entity model"), ("broken", "cannot be imported")])
def test_a_model_must_be_there(name: str, told: str, installed: None) -> None:
    with pytest.raises(InputError, match=told):
        entity_model(name)


def test_something_else_is_no_model(installed: None) -> None:
    with pytest.raises(InputError, match="is no entity model"):
        entity_model("nothing")


def test_where_two_overlap_the_surer_one_stays() -> None:
    text = "mail anna@example.org now"
    own = spans(text)
    weak = Entity(5, 9, Kind.PERSON_NAME, 0.4)
    sure = Entity(5, 9, Kind.PERSON_NAME, 0.99)
    assert with_entities([text], [own], Answers([weak])) == [own]
    ((kept,),) = with_entities([text], [own], Answers([sure]))
    assert (kept.kind, kept.why) == (Kind.PERSON_NAME, "the entity model")


@pytest.mark.parametrize(
    "entity",
    [
        Entity(-1, 2, Kind.EMAIL, 0.5),
        Entity(2, 2, Kind.EMAIL, 0.5),
        Entity(0, 99, Kind.EMAIL, 0.5),
        Entity(0, 2, Kind.EMAIL, 1.5),
        Entity(0, 2, "PERSON", 0.5),  # type: ignore[arg-type]  # what a careless model says
    ],
)
def test_what_lies_outside_the_text_or_is_of_no_kind_is_refused(entity: Entity) -> None:
    with pytest.raises(InputError):
        with_entities(["some text"], [()], Answers([entity]))


def test_every_text_has_its_answer() -> None:
    with pytest.raises(InputError, match="0 of 1 texts"):
        with_entities(["some text"], [()], Answers())
