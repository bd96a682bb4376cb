"""What the child says of its packages is held against what is installed here."""

import importlib.metadata
import json
from collections.abc import Callable
from typing import Any

import pytest

from secmlops.core.errors import IsolationError
from secmlops.training.environment import MAX_PACKAGES, REQUIRED, Environment, imported_packages, known_environment

Report = dict[str, Any]


def honest(*more: str) -> Report:
    report: Report = json.loads(Environment.here([*REQUIRED, *more]).to_json())
    return report


def test_an_honest_report_gives_what_is_known_here() -> None:
    known = known_environment(json.dumps(honest("msgspec")).encode())
    assert known.packages["msgspec"] == importlib.metadata.version("msgspec")
    assert set(json.loads(known.to_json())) == {"python", "implementation", "platform", "packages"}


def test_the_packages_of_this_process_are_found() -> None:
    assert {"numpy", "pytest", "msgspec"} <= imported_packages()


@pytest.mark.parametrize("field", ["python", "implementation", "platform"])
def test_another_interpreter_is_refused(field: str) -> None:
    with pytest.raises(IsolationError, match=f"another {field}") as refused:
        known_environment(json.dumps(honest() | {field: "\x1b[31m9.9"}).encode())
    assert refused.value.where == "environment.json"
    assert refused.value.hint
    assert "9.9" not in str(refused.value)


DISHONEST: dict[str, tuple[Callable[[Report], object], str]] = {
    "wrong version": (lambda r: r["packages"].update(numpy="0.0.1"), "another version of numpy than"),
    "missing": (lambda r: r["packages"].pop("skl2onnx"), "leaves out skl2onnx"),
    "unknown": (lambda r: r["packages"].update({"no-such-package": "1"}), "not installed"),
    "escape": (lambda r: r["packages"].update({"\x1b[31mnumpy": "1"}), "no package can be named"),
    "new line": (lambda r: r["packages"].update({"numpy\n": "1"}), "no package can be named"),
    "path": (lambda r: r["packages"].update({"../numpy": "1"}), "no package can be named"),
    "other letters": (lambda r: r["packages"].update({"nump\u0443": "1"}), "no package can be named"),
    "empty": (lambda r: r["packages"].update({"": "1"}), "no package can be named"),
    "other spelling": (lambda r: r["packages"].update({"NumPy": "1"}), "spells the name of numpy"),
    "too many": (lambda r: r["packages"].update({f"p{n}": "1" for n in range(MAX_PACKAGES)}), "more than 1000"),
    "more fields": (lambda r: r.update(builder="trusted"), "cannot be read"),
    "other types": (lambda r: r["packages"].update(numpy=2), "cannot be read"),
}


@pytest.mark.parametrize("name", DISHONEST)
def test_a_dishonest_report_is_refused(name: str) -> None:
    change, told = DISHONEST[name]
    report = honest()
    change(report)
    with pytest.raises(IsolationError, match=told) as refused:
        known_environment(json.dumps(report).encode())
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("data", [b"", b"[]", b"\x80\x04.", b'{"packages": {}}', b"[" * 5000])
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(IsolationError, match="cannot be read"):
        known_environment(data)
