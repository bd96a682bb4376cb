"""YAML read the strict way."""

import pytest

from secmlops.core.errors import InputError
from secmlops.project.document import MAX_BYTES, read_document

BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2026-01-01", "2026-01-01"),
        ("012", 12),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("true", True),
        ("~", None),
        ("", None),
        ("-3", -3),
        ("2.5", 2.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("'3'", "3"),
        ('"true"', "true"),
        (".inf", ".inf"),
        (".nan", ".nan"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written: str, value: object) -> None:
    read = read_document(f"key: {written}", "f").value
    assert read == {"key": value}
    assert isinstance(read, dict)
    assert type(read["key"]) is type(value)


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", "f", "empty"),
        ("# nothing\n", "f", "empty"),
        ("a: 1\na: 2", "f:2", "twice"),
        ("a: 1\n'a': 2", "f:2", "twice"),
        ("a:\n\tb: 1", "f:2", "not valid YAML"),
        ("a: [1,", "f:1", "not valid YAML"),
        ("a: 1\n---\nb: 1", "f:2", "not valid YAML"),
        ("a: 1\x00", "f", "not valid YAML"),
        ("? [a]\n: 1", "f:1", "plain word"),
        ("a: !!python/object:os.system x", "f:1", "tag"),
        ("a: !!python/name:os.system", "f:1", "tag"),
        ("a: !mine x", "f:1", "tag"),
        ("a: !!str 3", "f:1", "tag"),
        ("a: !!int '3'", "f:1", "tag"),
        ("a: !!binary aGk=", "f:1", "tag"),
        ("a: !!set {b}", "f:1", "tag"),
        ("a: !!omap [b: 1]", "f:1", "tag"),
        ("a:\n  <<: {b: 1}", "f:2", "merge"),
        ("a: &a [*a]", "f:1", "nested deeper"),
        (f"a: {'[' * 40}{']' * 40}", "f:1", "nested deeper"),
        (f"a: {'[' * 5_000}", "f", "nested deeper"),
        (BOMB, "f:", "more than 20,000 values"),
        ("a: 9007199254740992", "f:1", "whole number beyond"),
        ("a: 1e999", "f:1", "too large"),
        ('a: "\\ud800"', "f:1", "surrogate"),
        ('"\\ud800": 1', "f:1", "surrogate"),
        ("a: " + "x" * MAX_BYTES, "f", "larger than"),
    ],
)
def test_everything_else_is_refused_with_its_line(text: str, where: str, what: str) -> None:
    with pytest.raises(InputError) as refused:
        read_document(text, "f")
    assert refused.value.where.startswith(where)
    assert what in refused.value.what


def test_aliases_within_bounds_are_read() -> None:
    assert read_document("a: &x [1]\nb: *x", "f").value == {"a": [1], "b": [1]}


def test_lines_are_those_of_keys_and_items_and_else_of_the_nearest_ancestor() -> None:
    document = read_document("a:\n  b:\n    - 1\n    - 2\nc: {d: 3}\n", "f")
    assert document.line(("a", "b")) == 2
    assert document.line(("a", "b", 1)) == 4
    assert document.line(("c", "d")) == 5
    assert document.line(("c", "missing", "deeper")) == 5
    assert document.line(()) == 1
