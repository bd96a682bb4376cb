"""The orders a parent gives to its child: what to run, where, under which limits. They travel as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from secmlops.training.sandbox.isolation import Requirement

MECHANISMS = ("namespaces", "limits", "landlock", "capabilities", "seccomp")
"""In the order in which they are applied: each leaves the next one possible."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Run ``target`` (``module:function``, called with the scratch folder) in ``scratch``.

    ``canary`` is a file that the child must not be able to read, ``parent`` the process id of who waits for it.
    """

    target: str
    scratch: Path
    canary: Path
    parent: int
    requirement: Requirement
    readable: tuple[Path, ...]
    mechanisms: tuple[str, ...] = MECHANISMS

    @property
    def writable(self) -> tuple[Path, ...]:
        """Folders of the child: one for its answers, one to work in."""
        return (self.scratch / "out", self.scratch / "tmp")

    def to_json(self) -> bytes:
        """Serialise."""
        return json.dumps(asdict(self), default=str).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read what ``to_json`` wrote."""
        value = json.loads(data)
        limits = value.pop("requirement")
        return cls(
            target=value["target"],
            scratch=Path(value["scratch"]),
            canary=Path(value["canary"]),
            parent=value["parent"],
            requirement=Requirement(**{**limits, "accept": tuple(limits["accept"])}),
            readable=tuple(Path(p) for p in value["readable"]),
            mechanisms=tuple(value["mechanisms"]),
        )
