"""What isolation is asked for, what a child measured of it from inside, and whether the one is enough for the other."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Self

from secmlops.core.errors import InputError
from secmlops.training.sandbox.limits import Limits

WAIVERS: Mapping[str, str] = MappingProxyType(
    {
        "no-network-isolation": "network_blocked",
        "no-landlock": "files_isolated",
        "no-seccomp": "processes_blocked",
        "no-limits": "limits",
    }
)
"""The weaker isolation a user may accept by name, and the property it gives up."""

PROPERTIES: Mapping[str, str] = MappingProxyType(
    {
        "network_blocked": "the network can be reached",
        "files_isolated": "files outside the scratch folder can be read or written",
        "processes_blocked": "other processes can be started, traced or signalled",
        "limits": "limits on memory and time are not in force",
    }
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """What the project asks of the sandbox: bytes of memory in use, wall and processor seconds, scratch bytes, threads.

    ``accept`` names isolation the user agrees to do without when the machine lacks it; it switches nothing off.
    Raises InputError for an unknown name or a limit that is not positive.
    """

    memory_bytes: int = 4 << 30
    seconds: float = 900.0
    scratch_bytes: int = 2 << 30
    threads: int = 1
    accept: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unknown = sorted(set(self.accept) - set(WAIVERS))
        if unknown:
            raise InputError(f"unknown isolation {unknown[0]!r}", where="accept", hint=f"known: {', '.join(WAIVERS)}")
        for name in ("memory_bytes", "seconds", "scratch_bytes", "threads"):
            if not getattr(self, name) > 0:
                raise InputError("the limit must be positive", where=name)

    @property
    def limits(self) -> Limits:
        """The limits the kernel keeps."""
        return Limits(self.memory_bytes, int(self.seconds * self.threads) + 1, self.scratch_bytes)


@dataclass(frozen=True, slots=True)
class Isolation:
    """What held in one child: mechanisms that were put in force, and properties tried out from inside.

    ``troubles`` says for each mechanism that could not be had, why.
    """

    landlock_abi: int = 0
    landlock: bool = False
    seccomp: bool = False
    namespaces: bool = False
    no_new_privileges: bool = False
    no_capabilities: bool = False
    limits: bool = False
    network_blocked: bool = False
    files_isolated: bool = False
    processes_blocked: bool = False
    troubles: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> Self:
        """Read what ``to_json`` gave; raises TypeError on other names."""
        return cls(**value)  # type: ignore[arg-type]

    def to_json(self) -> dict[str, object]:
        """Return the fields by name."""
        return asdict(self)

    def measures(self) -> dict[str, float]:
        """Return the numbers and flags, as ``isolation.<name>``."""
        return {f"isolation.{n}": float(v) for n, v in asdict(self).items() if isinstance(v, bool | int)}

    def lacking(self, requirement: Requirement) -> tuple[str, ...]:
        """Properties that did not hold and that the user has not agreed to do without."""
        accepted = {WAIVERS[name] for name in requirement.accept}
        return tuple(name for name in self.missing if name not in accepted)

    @property
    def missing(self) -> tuple[str, ...]:
        """Properties that did not hold."""
        return tuple(name for name in PROPERTIES if not getattr(self, name))
