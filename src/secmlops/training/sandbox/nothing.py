"""Work that does nothing: for finding out what isolation a machine offers, and what it costs."""

from pathlib import Path


def run(scratch: Path) -> None:
    """Return at once."""
