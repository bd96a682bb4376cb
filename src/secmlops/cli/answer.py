"""What a verb gives back: data for machines, a view for people, and an exit code."""

import errno
import json
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from rich.console import Console
from rich.text import Text

from secmlops.cli.screen import Screen
from secmlops.core.errors import GateShutError, InputError, IsolationError, SecmlopsError, VerificationError
from secmlops.core.json import Json
from secmlops.core.visible import visible


class ExitCode(IntEnum):
    """How a command ended, for scripts."""

    FINE = 0
    SHUT = 1
    INPUT = 2
    BROKEN = 3
    INTERRUPTED = 130
    NOBODY_READS = 141


_CODES: Mapping[type[SecmlopsError], ExitCode] = {
    InputError: ExitCode.INPUT,
    GateShutError: ExitCode.SHUT,
    VerificationError: ExitCode.SHUT,
    IsolationError: ExitCode.SHUT,
}

_MACHINE = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO),
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENAMETOOLONG, errno.ELOOP),
    }
)
"""Errors of the operating system that are no defect of ours: a full disk, a folder without rights, too many files."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``data`` is printed with ``--json``, ``show`` draws the same for a person."""

    data: Mapping[str, Json]
    show: Callable[[Console], None]
    code: ExitCode = ExitCode.FINE


def deliver(answer: Answer, as_json: bool) -> ExitCode:
    """Print the answer on standard output."""
    if as_json:
        print_json({"exit_code": int(answer.code), **answer.data})
    else:
        answer.show(Screen())
    return answer.code


def deliver_error(error: BaseException, as_json: bool) -> ExitCode:
    """Print what went wrong: on standard error for people, as the one JSON object for machines. Never a traceback."""
    code, what, where, hint = _diagnosis(error)
    if as_json:
        told: dict[str, Json] = {"type": type(error).__name__, "what": what, "where": where, "hint": hint}
        print_json({"exit_code": int(code), "error": told})
    say("error", what, where, hint)
    return code


def say(label: str, what: str, where: str = "", hint: str = "") -> None:
    """Tell a person something on standard error."""
    screen = Screen(stderr=True)
    style = {"error": "bold red", "warning": "bold yellow"}.get(label, "bold")
    place = (f"{visible(where)}: " if where else "", "cyan")
    screen.print(Text.assemble((f"{label}: ", style), place, visible(what)), soft_wrap=True)
    if hint:
        screen.print(Text.assemble(("  what to do: ", "dim"), visible(hint)), soft_wrap=True)


def print_json(data: Mapping[str, Json]) -> None:
    """Print one JSON object on standard output, in ASCII where that takes no other characters (RFC 8259, section 7)."""
    text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:  # a name of a file that is no UTF-8, or a terminal of another encoding
        text = json.dumps(data, indent=2, default=str)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _diagnosis(error: BaseException) -> tuple[ExitCode, str, str, str]:
    if isinstance(error, SecmlopsError):
        code = next((c for kind, c in _CODES.items() if isinstance(error, kind)), ExitCode.BROKEN)
        return code, error.what, error.where, error.hint
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED, "stopped; run the same command again to go on", "", ""
    if isinstance(error, MemoryError):
        return ExitCode.INPUT, "there is not enough memory for this", "", "use a machine with more, or fewer rows"
    if isinstance(error, OSError) and error.errno in _MACHINE:
        where = str(error.filename or "")
        return (
            ExitCode.INPUT,
            f"the machine refuses: {error.strerror}",
            where,
            "mend that, and run the same command again",
        )
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
    what = f"something of ours broke: {type(error).__name__}: {str(error)[:300]}"
    return ExitCode.BROKEN, what, where, "please report this; SECMLOPS_DEBUG=1 shows the whole traceback"
