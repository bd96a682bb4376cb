"""Reading the files a project file names: below its folder, regular, and bounded."""

from pathlib import Path

from secmlops.core.errors import InputError

MAX_SOURCE_BYTES = 4 * 2**30


def read_source(folder: Path, name: str, base: str = "secmlops.yaml") -> bytes:
    """Bytes of the file ``name``, relative to ``folder``, which ``base`` names; raises InputError that says why not."""
    path = folder / name
    try:
        if not path.is_file():
            there = sorted(p.name for p in path.parent.glob(f"*{path.suffix}"))[:5] if path.parent.is_dir() else []
            hint = f"there is: {', '.join(there)}" if there else f"the path is relative to {base}"
            what = "is not a file" if path.exists() else "there is no such file"
            raise InputError(what, where=str(path), hint=hint)
        if path.stat().st_size > MAX_SOURCE_BYTES:
            raise InputError(f"larger than {MAX_SOURCE_BYTES // 2**30} GiB", where=str(path))
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
