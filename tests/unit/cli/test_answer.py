"""What a verb gives back: an exit code for each kind of error, and words without a traceback."""

import errno
import io
import json
import sys

import pytest

from secmlops.cli.answer import Answer, ExitCode, deliver, deliver_error
from secmlops.core.errors import GateShutError, InputError, IsolationError, SecmlopsError, VerificationError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("x"), 2),
        (VerificationError("x"), 1),
        (GateShutError("x"), 1),
        (IsolationError("x"), 1),
        (SecmlopsError("x"), 3),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), 2),
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), 2),
        (MemoryError(), 2),
        (KeyboardInterrupt(), 130),
    ],
)
def test_every_error_has_its_code_and_one_json_object(error: BaseException, code: int, capsys) -> None:
    assert deliver_error(error, as_json=True) == code
    said = capsys.readouterr()
    assert json.loads(said.out)["exit_code"] == code
    assert said.err.startswith("error: ")


def test_a_defect_names_its_place_and_asks_for_a_report(capsys) -> None:
    with pytest.raises(ZeroDivisionError) as broke:
        divmod(1, 0)
    assert deliver_error(broke.value, as_json=False) is ExitCode.BROKEN
    said = capsys.readouterr()
    assert said.out == ""
    assert "test_answer.py:" in said.err
    assert "please report this" in said.err
    assert "Traceback" not in said.err


def test_place_and_advice_stand_in_the_message(capsys) -> None:
    deliver_error(InputError("is [bold]wrong[/]", where="a.csv:3", hint="mend it"), as_json=False)
    assert capsys.readouterr().err == "error: a.csv:3: is [bold]wrong[/]\n  what to do: mend it\n"


def test_an_answer_is_drawn_or_printed_as_json(capsys) -> None:
    answer = Answer({"a": 1}, lambda screen: screen.print("drawn"), ExitCode.SHUT)
    assert deliver(answer, as_json=False) is ExitCode.SHUT
    assert capsys.readouterr().out == "drawn\n"
    assert deliver(answer, as_json=True) is ExitCode.SHUT
    assert json.loads(capsys.readouterr().out) == {"exit_code": 1, "a": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_json_can_be_read_in_every_encoding(monkeypatch, encoding: str) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding))
    deliver(Answer({"name": "\udcff \N{CHECK MARK} \N{GRINNING FACE}"}, lambda screen: None), as_json=True)
    assert json.loads(written.getvalue().decode(encoding))["name"] == "\udcff \N{CHECK MARK} \N{GRINNING FACE}"
