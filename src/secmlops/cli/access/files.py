"""Small files that somebody hands to ``secmlops access``: read once, within a bound."""

from pathlib import Path

from secmlops.core.errors import InputError


def read_some(path: Path, most: int) -> bytes:
    """Bytes of a plain file; raises InputError when it cannot be read, or is larger than ``most`` bytes."""
    if not path.is_file():
        raise InputError("not a plain file", where=str(path))
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(data) > most:
        raise InputError(f"larger than {most} bytes", where=str(path))
    return data
