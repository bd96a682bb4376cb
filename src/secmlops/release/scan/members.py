"""What every archive's members must keep to, whatever the archive: names that stay inside, each used once."""

import re
from collections.abc import Iterable

from secmlops.release.scan.inspection import Inspection
from secmlops.release.scan.rules import ARCHIVE_DUPLICATE, ARCHIVE_NAME
from secmlops.release.scan.verdict import Place, shown

_DRIVE = re.compile(r"[A-Za-z]:")


def escapes(name: str) -> bool:
    """Whether a path may lead out of the folder it is meant for, on POSIX or Windows."""
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or bool(_DRIVE.match(name)) or ".." in parts or "\x00" in name


def check_names(place: Place, names: Iterable[str], inspection: Inspection) -> None:
    """Flag names that lead out of the archive and names that are used twice."""
    seen: set[str] = set()
    for name in names:
        if escapes(name):
            inspection.flag(ARCHIVE_NAME, place, f"member {shown(name)!r} leads out of the archive")
        if name in seen:
            inspection.flag(ARCHIVE_DUPLICATE, place, f"two members are named {shown(name)!r}")
        seen.add(name)
