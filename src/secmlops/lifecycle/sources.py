"""Reading what a project file names: files below its folder, regular and bounded, and tables that lie elsewhere."""

import os
from pathlib import Path

from secmlops.core.errors import InputError
from secmlops.data.sources.location import Location
from secmlops.data.sources.memory import Allowance
from secmlops.data.sources.url import is_url

MAX_SOURCE_BYTES = 4 * 2**30


def read_source(folder: Path, name: str, base: str = "secmlops.yaml", query: str | None = None) -> bytes:
    """Bytes of the file ``name``, relative to ``folder``, which ``base`` names; of another source, all of its table.

    Raises InputError that says why not, for a link that leads out of ``folder``, and for a table that memory would not
    hold.
    """
    location = Location(name, folder, query)
    path = folder / name
    try:
        check_links(location, base)
        if is_url(name) or path.is_dir():
            return location.whole(Allowance.now())
        if not path.is_file():
            there = sorted(p.name for p in path.parent.glob(f"*{path.suffix}"))[:5] if path.parent.is_dir() else []
            hint = f"there is: {', '.join(there)}" if there else f"the path is relative to {base}"
            what = "is not a file" if path.exists() else "there is no such file"
            raise InputError(what, where=str(path), hint=hint)
        size = path.stat().st_size
        if size > MAX_SOURCE_BYTES:
            hint = "a run holds the table: take fewer rows or columns; data discover and data protect read it in parts"
            raise InputError(f"larger than {MAX_SOURCE_BYTES // 2**30} GiB", where=str(path), hint=hint)
        Allowance.now().claim(size, str(path))
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None


def check_links(location: Location, base: str = "secmlops.yaml") -> None:
    """Raise InputError for a name below its folder that a link, wherever on the way, turns into one outside."""
    if is_url(location.text):
        return
    folder, path = location.folder, location.folder / location.text
    home = folder.resolve()
    named = Path(os.path.normpath(home / path.relative_to(folder))) if path.is_relative_to(folder) else path
    if named.is_relative_to(home) and not path.resolve().is_relative_to(home):
        hint = f"put the file itself there, or name it in {base} by the path where it lies"
        raise InputError("a link leads out of the folder", where=str(path), hint=hint)
