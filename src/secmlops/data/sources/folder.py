"""The Parquet files of a folder, which make up one table."""

from pathlib import Path, PurePath
from typing import Final

from secmlops.core.errors import InputError
from secmlops.data.sources.part import LocalPart

SUFFIXES: Final = (".parquet", ".pq")
MAX_PARTS: Final = 10_000


def folder_parts(folder: Path) -> tuple[LocalPart, ...]:
    """Files of ``folder`` in the order of their names; what begins with a dot or an underscore is no data.

    Raises InputError for a folder without any, with others beside them, with links, or with folders below it: a table
    that is silently not whole teaches a model something else.
    """
    try:
        names = sorted(path.name for path in folder.iterdir() if is_data(path.name))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(folder)) from None
    check_parts(names, str(folder))
    for name in names:
        if (folder / name).is_dir() and not (folder / name).is_symlink():
            hint = "write the files into one folder; what the names of folders say belongs into a column"
            raise InputError("a folder below a folder of Parquet files", where=str(folder / name), hint=hint)
    others = [name for name in names if not is_parquet(name)]
    if others:
        told = f"files that are not Parquet beside those that are: {', '.join(others[:5])}"
        raise InputError(told, where=str(folder), hint="leave only Parquet files there, or name one file")
    return tuple(LocalPart.of(folder / name, name) for name in names)


def is_data(name: str) -> bool:
    """Whether a file of this name may hold rows: ``_SUCCESS``, ``_metadata`` and hidden files do not."""
    return not PurePath(name).name.startswith((".", "_"))


def is_parquet(name: str) -> bool:
    """Whether a file of this name is Parquet."""
    return name.lower().endswith(SUFFIXES)


def check_parts(names: list[str], where: str) -> None:
    """Raise InputError when there are no files, or more than 10,000."""
    if not names:
        raise InputError("there is no file in it", where=where, hint="give a folder with Parquet files")
    if len(names) > MAX_PARTS:
        raise InputError(f"{len(names)} files, at most {MAX_PARTS} are read", where=where, hint="write larger ones")
