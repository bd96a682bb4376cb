"""Replaces the personal data that stand in free text by the name of their kind."""

from secmlops.data.arrow import Chunks
from secmlops.data.discovery.entity_model import EntityModel
from secmlops.data.discovery.text_search import search
from secmlops.data.protection.each_value import OnTexts, map_texts, on_each


def redact(column: Chunks, model: EntityModel | None = None) -> Chunks:
    """Texts [n] in which each mention of personal data reads as its kind, such as ``[phone number]``.

    What the recognisers do not know stays: redaction makes a text safer, never anonymous. An entity ``model`` finds
    more. Texts of any length are searched whole.
    """
    return map_texts(column, redaction(model))


def redaction(model: EntityModel | None = None) -> OnTexts:
    """What ``redact`` does with the different texts of a column."""
    return on_each(lambda text: redacted(text, model))


def redacted(text: str, model: EntityModel | None = None) -> str:
    """Text with the kinds of its mentions in their places."""
    parts, reached = [], 0
    for mention in search(text, model):
        span = mention.span
        parts += [text[reached : span.start], f"[{span.kind}]"]
        reached = span.end
    return "".join([*parts, text[reached:]])
