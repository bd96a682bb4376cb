"""YAML read the strict way: plain values only, every one with the line it stands on.

Scalars follow the YAML 1.2 core schema (so ``no`` and ``on`` are words and ``2026-01-01`` is text); tags, merge keys,
duplicate keys and complex keys are refused, and aliases may not expand a document beyond its bounds. Numbers are those
that RFC 8785 can write: finite, whole ones up to 2^53 - 1.
"""

import math
import re
from dataclasses import dataclass, field

import yaml

from secmlops.core.errors import InputError
from secmlops.core.json import Json

MAX_BYTES = 1_000_000
MAX_NODES = 20_000
MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1

Path = tuple[str | int, ...]

_NULL = re.compile(r"null|Null|NULL|~|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(slots=True)
class Document:
    """The value of a YAML text and the line (counted from 1) of every key and item in it."""

    value: Json = None
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """Line of ``path``, or of its nearest ancestor that stands in the text."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(text: str, name: str) -> Document:
    """Read one YAML document; raises InputError with name and line."""
    if len(text) > MAX_BYTES:
        raise InputError(f"larger than {MAX_BYTES:,} characters", where=name)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise InputError(f"not valid YAML: {error.problem or error.context}", where=where) from None
    except RecursionError:
        raise InputError(f"nested deeper than {MAX_DEPTH} levels", where=name) from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"not valid YAML: {str(error).splitlines()[0][:200]}", where=name) from None
    if root is None:
        raise InputError("the file is empty", where=name, hint="secmlops init writes one to begin with")
    return _Builder(name).build(root)


class _Builder:
    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes = 0
        self.document = Document()

    def build(self, root: yaml.Node) -> Document:
        self.document.value = self._value(root, ())
        return self.document

    def _value(self, node: yaml.Node, path: Path) -> Json:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self._refusal(node, f"more than {MAX_NODES:,} values", "an alias that multiplies itself?")
        if len(path) > MAX_DEPTH:
            raise self._refusal(node, f"nested deeper than {MAX_DEPTH} levels", "an alias that holds itself?")
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.SequenceNode):
            self._plain(node, "tag:yaml.org,2002:seq")
            return [self._value(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._mapping(node, path)

    def _mapping(self, node: yaml.Node, path: Path) -> Json:
        self._plain(node, "tag:yaml.org,2002:map")
        result: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._refusal(key_node, "a key must be a plain word")
            key = str(key_node.value)
            if key_node.style is None and key == "<<":
                raise self._refusal(key_node, "merge keys are not allowed", "write the values out")
            if not _is_text(key):
                raise self._refusal(key_node, "half of a surrogate pair is no text")
            if key in result:
                raise self._refusal(key_node, f"the key {key} stands here twice")
            self.document.lines[(*path, key)] = key_node.start_mark.line + 1
            result[key] = self._value(value_node, (*path, key))
        return result

    def _scalar(self, node: yaml.ScalarNode) -> Json:
        text = str(node.value)
        self._plain(node, "tag:yaml.org,2002:str" if node.style is not None else _implied_tag(text))
        value = text if node.style is not None else _plain_scalar(text)
        if isinstance(value, str) and not _is_text(value):
            raise self._refusal(node, "half of a surrogate pair is no text")
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            raise self._refusal(node, f"a whole number beyond {MAX_INTEGER:,}", "write it in quotes, as text")
        if isinstance(value, float) and not math.isfinite(value):
            raise self._refusal(node, "a number too large to be written down", "write it in quotes, as text")
        return value

    def _plain(self, node: yaml.Node, tag: str) -> None:
        if node.tag != tag:
            raise self._refusal(node, f"the tag {node.tag} is not allowed", "plain values only")

    def _refusal(self, node: yaml.Node, what: str, hint: str = "") -> InputError:
        return InputError(what, where=f"{self.name}:{node.start_mark.line + 1}", hint=hint)


def _implied_tag(text: str) -> str:
    """Tag that YAML gives a plain scalar when none is written."""
    return str(yaml.resolver.Resolver().resolve(yaml.ScalarNode, text, (True, False)))  # type: ignore[no-untyped-call]


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _plain_scalar(text: str) -> Json:
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if len(text) <= 40 and _INT.fullmatch(text):
        return int(text)
    if len(text) <= 40 and _FLOAT.fullmatch(text):
        return float(text)
    return text
