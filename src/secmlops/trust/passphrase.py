"""The passphrase of the keys: read from a file that nobody else can read, and long enough to make keys under."""

import os
import stat
from pathlib import Path

from secmlops.core.errors import InputError

SHORTEST = 15
"""Characters of a passphrase that protects alone (NIST SP 800-63B-4, section 3.1.1.2)."""
_LONGEST_BYTES = 64 * 1024
_OTHERS = 0o077


def read_passphrase(path: Path) -> str:
    """Passphrase in the file at ``path``, without the line end; raises InputError where others can read it too."""
    where = str(path)
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS:
                hint = f"chmod 600 {path}; and if others may have read it, make new keys under another passphrase"
                raise InputError("the file with the passphrase is open to other users", where=where, hint=hint)
            data = file.read(_LONGEST_BYTES + 1)
    except OSError as error:
        raise InputError(f"the passphrase cannot be read: {error.strerror}", where=where) from None
    if len(data) > _LONGEST_BYTES:
        raise InputError("too long for a passphrase", where=where)
    try:
        return data.decode().rstrip("\n")
    except UnicodeDecodeError:
        raise InputError("the passphrase is not UTF-8 text", where=where) from None


def refuse_short(passphrase: str) -> None:
    """Raise InputError for a passphrase that is too short to make keys under."""
    if len(passphrase) < SHORTEST:
        what = f"a passphrase of {len(passphrase)} characters, {SHORTEST} are the least for new keys"
        raise InputError(what, hint="take several words, or let a password manager make one")
