"""The lightest work for a sandbox: run one Python file, ``in/main.py``, with the standard library at hand."""

from pathlib import Path


def run(scratch: Path) -> None:
    """Execute the file; its global ``OUT`` is the folder for answers."""
    source = (scratch / "in" / "main.py").read_bytes()
    exec(compile(source, "main.py", "exec"), {"__name__": "__main__", "OUT": scratch / "out"})  # noqa: S102  its purpose
