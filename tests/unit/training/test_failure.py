"""Failures in the user's code are told by kind, line and message, without the data."""

import sys
from pathlib import Path

import pytest

from secmlops.core.errors import InputError, IsolationError
from secmlops.training.failure import (
    Failure,
    describe,
    plain_kind,
    quoted,
    read_failure,
    report_exceptions,
    without_data,
)


def failing(source: str) -> Failure:
    with pytest.raises((ValueError, SyntaxError)) as raised:
        exec(compile(source, "train.py", "exec"), {})
    return describe(raised.value, "train.py", raised.tb)


def test_the_deepest_line_of_their_file_is_named() -> None:
    told = failing("import json\ndef fit():\n    json.loads('{')\n\nfit()\n")
    assert (told.kind, told.line, told.function) == ("JSONDecodeError", 3, "fit")


def test_an_error_outside_their_file_has_no_line() -> None:
    error = InputError("no", hint="do this")
    assert describe(error, "train.py", None) == Failure(kind="InputError", message="no", hint="do this")


def test_a_syntax_error_has_its_line() -> None:
    assert failing("x = 1\ny = (\n").line == 2


def test_texts_from_the_data_are_masked_and_names_are_not() -> None:
    message = "could not convert 'Jane Doe' in column 'age' to \"float\""
    assert without_data(message, "age income float") == "could not convert '…' in column 'age' to \"float\""
    unquoted = "can't parse the value 'Anna Schmidt' of row 3, iban DE89370400440532013000"
    told = without_data(unquoted, "age")
    assert not any(word in told for word in ("Anna", "Schmidt", "DE89", "3"))
    assert "the value" in told
    assert "\x1b" not in without_data("its\x1b[31m", "")


def test_the_child_does_not_choose_what_a_kind_looks_like() -> None:
    assert plain_kind("KeyError") == "KeyError"
    assert plain_kind("\x1b[31mAnna Schmidt") == "Exception"


def test_what_is_quoted_cannot_steer_a_terminal_nor_fill_it() -> None:
    assert quoted("no column 'Jane Doe' <3") == "no column 'Jane Doe' <3"
    assert quoted("a\x1b[2Jb\u202ec\nd") == "a[U+001B][2Jb[U+202E]c d"
    assert len(quoted("x" * 10**6)) == 300
    assert len(quoted("\x1b" * 10**6)) == 1200


def test_an_uncaught_exception_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    report_exceptions(tmp_path / "failure.json", "train.py")
    error = ValueError("bad\nsecond line")
    sys.excepthook(ValueError, error, None)
    assert read_failure((tmp_path / "failure.json").read_bytes()) == Failure(kind="ValueError", message="bad")
    assert "second line" in capsys.readouterr().err


@pytest.mark.parametrize("data", [b"", b"{}", b"\x80\x04.", b'{"kind": 1, "message": ""}'])
def test_a_garbled_report_is_refused(data: bytes) -> None:
    with pytest.raises(IsolationError, match="cannot be read"):
        read_failure(data)
