"""How large a table may be that must be held in memory: told in numbers before memory runs out, never by the kernel."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from secmlops.core.errors import InputError

COPIES: Final = 6
"""How many times its own size a table takes while a model is made of it: as it was read, protected, as numbers."""

_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Allowance:
    """``available`` bytes of memory, for one table and the copies that are made of it."""

    available: int

    @classmethod
    def now(cls) -> Self:
        """Memory that this process could still take: of the machine, or of its control group if that has less."""
        return cls(min(_machine(_MEMINFO), _group(_GROUP)))

    @property
    def largest(self) -> int:
        """Bytes of the largest table that may be held."""
        return self.available // COPIES

    def claim(self, size: int, name: str) -> None:
        """Raise InputError if a table of ``size`` bytes is too large to be held."""
        if size > self.largest:
            told = (
                f"a table of {_gib(size)} GiB in memory, and a run needs about {COPIES} times that: "
                f"{_gib(size * COPIES)} GiB, of which {_gib(self.available)} GiB are there"
            )
            hint = "take fewer rows or columns; secmlops data discover and data protect read it in parts"
            raise InputError(told, where=name, hint=hint)


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f}"


def _machine(meminfo: Path) -> int:
    """Return MemAvailable of the kernel; where it cannot be told, more than there can be."""
    for line in _lines(meminfo):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 2**62


def _group(folder: Path) -> int:
    """Return what the limit of a control group (version 2) leaves; where there is none, more than there can be."""
    limit, used = (_lines(folder / name) for name in ("memory.max", "memory.current"))
    if not limit or not used or not limit[0].isdigit():
        return 2**62
    return max(0, int(limit[0]) - int(used[0]))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except OSError:
        return []
