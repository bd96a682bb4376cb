"""Names of a model's files: which are canonical, and which are left out (OMS v1.0, sections 6.1.2 and 6.2)."""

from collections.abc import Iterable

from secmlops.core.errors import InputError

ALWAYS_IGNORED = (".git", ".gitattributes", ".github", ".gitignore")
_GLOB = frozenset("*?[")


def check_name(name: str) -> str:
    """Return ``name`` if it is canonical: relative, with ``/``, without empty, ``.`` or ``..`` parts, valid UTF-8.

    Raises InputError otherwise.
    """
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in name or not _is_unicode(name):
        shown = name[:80].encode("ascii", "backslashreplace").decode()
        raise InputError(f"'{shown}' is not the name of a model file", hint="relative to the model, without . and ..")
    return name


def check_ignored(name: str) -> str:
    """Return ``name`` if it may be listed as ignored: canonical, and no pattern; raises InputError otherwise."""
    if _GLOB & set(name):
        raise InputError(f"{name[:80]!r} is a pattern", hint="files to leave out are named one by one")
    return check_name(name)


def is_ignored(name: str, ignored: Iterable[str]) -> bool:
    """Whether ``name`` is one of ``ignored`` or lies below one of them."""
    return any(name == entry or name.startswith(f"{entry}/") for entry in ignored)


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that are not UTF-8 come from the file system as lone surrogates
        return False
    return True
