"""What went wrong in the user's code, told without the data it saw: kind, message, line in their file."""

import re
import sys
import traceback
from pathlib import Path
from types import TracebackType

import msgspec

from secmlops.core.errors import IsolationError, SecmlopsError
from secmlops.core.visible import shortened

MASK = "…"
_WORD = re.compile(r"[A-Za-z_]\w*")
_TOKEN = re.compile(r"\w+")
_KIND = re.compile(r"[A-Za-z_]\w{0,60}", re.ASCII)
_PLAIN = (
    "a an and any argument arguments array at attribute be both but by call callable cannot class classes column "
    "columns contain contains could convert default did does dtype empty error estimator exist expected feature "
    "features file finite fit float for found from function given got has have import in index input inputs "
    "instance int integer invalid is it iterable its key keyword label length list matrix memory minimum missing "
    "model module must name named nan no none not number numeric object of on one only operand operands out "
    "parameter positional required row rows sample samples scalar shape shapes should size string str supported "
    "the to too tuple type types unexpected unknown unsupported use valid value values was were when with without "
    "wrong y x "
)
_PLAIN_WORDS = frozenset(_PLAIN.split())
_MAX_MESSAGE = 300
_MAX_SHOWN = 1200  # characters that hide are spelled out, and longer


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
    """``message`` with every word masked that does not occur in ``known``: it may be a value from the data.

    Words of ``known`` (the user's own code, the names of the features) and those that Python's own messages are made of
    are told; anything else, numbers above all, is shown as ``…``.
    """
    familiar = {word.lower() for word in _WORD.findall(known)} | _PLAIN_WORDS
    printable = "".join(c if c.isprintable() else " " for c in message)[:_MAX_MESSAGE]
    masked = _TOKEN.sub(lambda found: found[0] if found[0].lower() in familiar else MASK, printable)
    return re.sub(rf"{MASK}(?:[\W_]*{MASK})+", MASK, masked)


def quoted(message: str) -> str:
    """``message`` as it is, data and all, but on one line, bounded, and unable to steer a terminal or reorder text."""
    return shortened(" ".join(message[:_MAX_MESSAGE].split()), _MAX_SHOWN)


def plain_kind(kind: str) -> str:
    """Name of an exception's class, if it is one that Python could give; the child chose it."""
    return kind if _KIND.fullmatch(kind) else "Exception"
