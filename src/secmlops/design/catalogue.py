"""The catalogue of public threats and mitigations: STRIDE, MITRE ATLAS, OWASP ML Top 10 and NIST AI 100-2.

The entries lie as JSON in ``frameworks/``, one file per framework, described in the project's own words; ids and titles
are those of the frameworks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from secmlops.core.errors import InputError
from secmlops.core.stage import Stage
from secmlops.design.facts import Actor, Asset, Fact


class Kind(StrEnum):
    """What an entry is: something that can happen, or something that helps against it."""

    THREAT = "threat"
    MITIGATION = "mitigation"


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One threat or mitigation. ``id`` carries the prefix of its framework: ``atlas:AML.T0020``.

    A threat acts on ``assets``, by the hand of ``actors``, in ``stages``, where all facts of ``when`` hold;
    ``same_as`` are the ids under which other frameworks name the same attack.
    """

    id: str
    title: str
    description: str
    stages: tuple[Stage, ...]
    kind: Kind = Kind.THREAT
    reference: str = ""
    assets: tuple[Asset, ...] = ()
    actors: tuple[Actor, ...] = ()
    when: tuple[Fact, ...] = ()
    same_as: tuple[str, ...] = ()

    @property
    def framework(self) -> str:
        """Title of the framework it is from: its reference without the entry's own id."""
        return self.reference.rpartition(": ")[0]


class _Framework(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prefix: str
    kind: Kind
    reference: str
    entries: tuple[Entry, ...]

    def complete(self) -> tuple[Entry, ...]:
        """Return the entries with prefix, kind and reference filled in."""
        return tuple(
            msgspec.structs.replace(
                entry, id=f"{self.prefix}:{entry.id}", kind=self.kind, reference=f"{self.reference}: {entry.id}"
            )
            for entry in self.entries
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries by id."""

    entries: Mapping[str, Entry]

    @property
    def threats(self) -> tuple[Entry, ...]:
        """The threats, in the order of the frameworks."""
        return tuple(e for e in self.entries.values() if e.kind is Kind.THREAT)

    @property
    def mitigations(self) -> tuple[Entry, ...]:
        """The mitigations, in the order of their framework."""
        return tuple(e for e in self.entries.values() if e.kind is Kind.MITIGATION)

    def __getitem__(self, entry_id: str) -> Entry:
        try:
            return self.entries[entry_id]
        except KeyError:
            raise InputError(f"{entry_id!r} is not in the catalogue", hint="ids look like atlas:AML.T0020") from None

    def unknown(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Those of ``ids`` that the catalogue does not have, sorted."""
        return tuple(sorted(set(ids) - self.entries.keys()))

    def parts(self, entry_id: str) -> tuple[Entry, ...]:
        """Sub-techniques of an ATLAS technique: ``atlas:AML.T0043.000`` is part of ``atlas:AML.T0043``."""
        return tuple(e for e in self.entries.values() if e.id.startswith(f"{entry_id}."))


@cache
def catalogue() -> Catalogue:
    """Read the catalogue that ships with the package; read once per process."""
    folder = files("secmlops.design") / "frameworks"
    entries: dict[str, Entry] = {}
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".json"):
            framework = msgspec.json.decode(file.read_bytes(), type=_Framework)
            entries |= {entry.id: entry for entry in framework.complete()}
    return Catalogue(MappingProxyType(entries))
