"""What went wrong in the user's code, told without the data it saw: kind, message, line in their file."""

import re
import sys
import traceback
from pathlib import Path
from types import TracebackType

import msgspec

from secmlops.core.errors import IsolationError, SecmlopsError

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_MAX_MESSAGE = 300


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """An exception that ended the run: its class, its message, and where in the user's file (0: not in their file)."""

    kind: str
    message: str
    line: int = 0
    function: str = ""
    hint: str = ""


def report_exceptions(report: Path, file: str) -> None:
    """From now on write an uncaught exception of this process to ``report`` as well; ``file`` is the user's file."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        report.write_bytes(msgspec.json.encode(describe(error, file, trace)))
        sys.__excepthook__(kind, error, trace)

    sys.excepthook = hook


def describe(error: BaseException, file: str, trace: TracebackType | None) -> Failure:
    """Describe ``error`` by the deepest place in the user's ``file`` on its way."""
    places = [f for f in traceback.extract_tb(trace) if f.filename == file]
    line = (places[-1].lineno or 0) if places else 0
    if isinstance(error, SyntaxError) and error.filename == file:
        line = error.lineno or 0
    told = error.what if isinstance(error, SecmlopsError) else str(error)
    first = told.strip().partition("\n")[0][:_MAX_MESSAGE]
    hint = error.hint if isinstance(error, SecmlopsError) else ""
    return Failure(
        kind=type(error).__name__, message=first, line=line, function=places[-1].name if places else "", hint=hint
    )


def read_failure(data: bytes) -> Failure:
    """Read what a child wrote; raises IsolationError for anything else."""
    try:
        return msgspec.json.decode(data, type=Failure)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise IsolationError("the isolated code left a report of a failure that cannot be read") from None


def without_data(message: str, known: str) -> str:
    """``message`` with every quoted text masked that does not occur in ``known``: it may be a value from the data."""

    def mask(quoted: re.Match[str]) -> str:
        inside = quoted[0][1:-1]
        return quoted[0] if inside and inside in known else "'...'"

    printable = "".join(c if c.isprintable() else " " for c in message)[:_MAX_MESSAGE]
    return _QUOTED.sub(mask, printable)
