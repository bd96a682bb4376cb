"""The slot for a named-entity model that a user brings: what it must do, where it is found, and what it may say.

Patterns do not know a rare name, or a diagnosis in words. A model may; none is shipped or downloaded here. A package
registers one under the entry point group ``secmlops.entity_models``, as an object or as a function that makes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

from secmlops.core.errors import InputError
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.spans import Span

GROUP = "secmlops.entity_models"


@dataclass(frozen=True, slots=True)
class Entity:
    """What a model found: characters ``start`` to ``end`` (exclusive) of a text, with ``confidence`` from 0 to 1."""

    start: int
    end: int
    kind: Kind
    confidence: float


@runtime_checkable
class EntityModel(Protocol):
    """A model that finds entities in texts. It must give the same answer for the same texts."""

    def entities(self, texts: Sequence[str], /) -> Sequence[Sequence[Entity]]:
        """Entities of each text, in the order of the texts."""
        ...


def entity_model(name: str) -> EntityModel:
    """Model registered under ``name``; raises InputError when there is none, or when it is no such model."""
    points = tuple(entry_points(group=GROUP, name=name))
    if not points:
        known = ", ".join(sorted({point.name for point in entry_points(group=GROUP)})) or "none is installed"
        raise InputError(f"there is no entity model {name[:64]!r}", hint=f"installed: {known}")
    try:
        found = points[0].load()
    except (ImportError, AttributeError) as error:
        what = f"the entity model {points[0].value} cannot be imported: {type(error).__name__}"
        raise InputError(what, hint="install or mend the package that brings it") from None
    made = isinstance(found, EntityModel) and not isinstance(found, type)
    model = found() if callable(found) and not made else found
    if not isinstance(model, EntityModel):
        raise InputError(f"{points[0].value} is no entity model", hint="it needs a method entities(texts)")
    return model


def with_entities(texts: Sequence[str], own: Sequence[tuple[Span, ...]], model: EntityModel) -> list[tuple[Span, ...]]:
    """Spans of each text with those of the ``model`` beside them; where two overlap, the surer one stays."""
    found = model.entities(texts)
    if len(found) != len(texts):
        raise InputError(f"the entity model answered {len(found)} of {len(texts)} texts")
    return [
        _merged(spans, [_span(e, len(text)) for e in some]) for text, spans, some in zip(texts, own, found, strict=True)
    ]


def _span(entity: Entity, length: int) -> Span:
    inside = 0 <= entity.start < entity.end <= length
    if not inside or entity.kind not in tuple(Kind) or not 0 <= entity.confidence <= 1:
        raise InputError("the entity model answered an entity outside its text, of no kind, or with no confidence")
    return Span(entity.start, entity.end, entity.kind, entity.confidence, "the entity model")


def _merged(own: tuple[Span, ...], others: list[Span]) -> tuple[Span, ...]:
    kept: list[Span] = []
    for span in sorted((*own, *others), key=lambda s: (-s.confidence, s.start)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return tuple(sorted(kept, key=lambda s: s.start))
