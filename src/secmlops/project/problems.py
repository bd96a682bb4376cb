"""Telling what is wrong with a project file: every problem at once, each with the line it stands on."""

from collections.abc import Sequence
from pathlib import Path

from secmlops.core.errors import InputError
from secmlops.project.document import Document, read_document
from secmlops.project.document import Path as Place

Problem = tuple[Place, str]
"""Where in the document (keys and item numbers from the root), and what is wrong there."""


def read_text(path: Path, missing: str = "secmlops init writes one") -> str:
    """Text of the file of settings ``path``; raises InputError when it is missing, unreadable or not UTF-8.

    ``missing`` says what to do when it is not there.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"there is no {path.name} here", where=str(path.parent), hint=missing) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", where=f"{path.name}: byte {error.start}", hint="save it as UTF-8") from None


def refusal(problems: Sequence[Problem], document: Document, name: str) -> InputError:
    """Error that tells all ``problems``, in the order of the lines of the file ``name``."""
    lines = [(document.line(place), _joined(".".join(map(str, place)), what)) for place, what in problems]
    (first, *more) = sorted(lines)
    told = "".join(f"\n  line {line}: {what}" for line, what in more)
    return InputError(first[1] + told, where=f"{name}:{first[0]}")


def refuse(problems: Sequence[Problem], path: Path) -> None:
    """Raise InputError for problems that showed only after the file ``path`` was read; returns when there are none."""
    if problems:
        raise refusal(problems, read_document(read_text(path), path.name), path.name)


def _joined(at: str, what: str) -> str:
    return f"{at}: {what}" if at else what
