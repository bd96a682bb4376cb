"""What to type to call this program again, from where it was called."""

import shutil
import sys
from pathlib import Path

NAME = "secmlops"


def program() -> str:
    """``secmlops`` where the shell finds it under that name, and the path of what runs now otherwise."""
    called = Path(sys.argv[0])
    if called.name != NAME or not called.is_file():
        return NAME
    found = shutil.which(NAME)
    if found and Path(found).resolve() == called.resolve():
        return NAME
    here, path = Path.cwd(), called.absolute()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
