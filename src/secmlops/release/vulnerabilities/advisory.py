"""One advisory in the Open Source Vulnerability format (OSV 1.7), and whether it is about a version of a package.

Only what is needed to match Python packages is read. Ranges of commits say nothing about an installed version.
"""

import re
from collections.abc import Iterator
from datetime import datetime

import msgspec
from packaging.version import InvalidVersion, Version

ECOSYSTEM = "PyPI"
FROM_THE_START = "0"
"""Sorts before every version, pre-releases of 0 included."""
_VERSIONED = ("ECOSYSTEM", "SEMVER")


class Event(msgspec.Struct, frozen=True):
    """A version at which vulnerability begins, or ends before (``fixed``), or ends with (``last_affected``)."""

    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""
    limit: str = ""


class Range(msgspec.Struct, frozen=True):
    """Versions between events."""

    type: str
    events: list[Event]


class Product(msgspec.Struct, frozen=True):
    """The package that is affected, in its ecosystem."""

    ecosystem: str
    name: str


class Affected(msgspec.Struct, frozen=True):
    """Which versions of one package are affected: those listed, and those within the ranges."""

    package: Product | None = None
    ranges: list[Range] = []
    versions: list[str] = []

    @property
    def python(self) -> str:
        """Normalised name of the Python package; empty for one of another ecosystem."""
        if self.package is None or self.package.ecosystem.partition(":")[0] != ECOSYSTEM:
            return ""
        return normalised(self.package.name)

    def holds(self, version: Version) -> bool:
        """Whether ``version`` is listed, or within one of the ranges."""
        return version in set(_versions(self.versions)) or any(_within(one, version) for one in self.ranges)


class Advisory(msgspec.Struct, frozen=True):
    """One known vulnerability. A ``withdrawn`` one is about nothing."""

    id: str
    modified: datetime
    aliases: list[str] = []
    withdrawn: datetime | None = None
    affected: list[Affected] = []

    @property
    def packages(self) -> frozenset[str]:
        """Normalised names of the Python packages it is about."""
        return frozenset(one.python for one in self.affected) - {""}

    def is_about(self, name: str, version: Version) -> bool:
        """Whether that ``version`` of the package ``name`` is affected."""
        if self.withdrawn is not None:
            return False
        return any(one.python == normalised(name) and one.holds(version) for one in self.affected)


def normalised(name: str) -> str:
    """Name of a Python package as compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _within(one: Range, version: Version) -> bool:
    """Whether the last event at or before ``version`` begins vulnerability (OSV 1.7, "Evaluation")."""
    if one.type not in _VERSIONED:
        return False
    vulnerable = any(event.introduced == FROM_THE_START for event in one.events)
    for at, order, begins in sorted(_turns(one)):
        if at < version or (at == version and order == 0):
            vulnerable = begins
    return vulnerable


def _turns(one: Range) -> Iterator[tuple[Version, int, bool]]:
    """Yield where vulnerability begins (True) or ends: at the version itself (0), or only after it (1)."""
    for event in one.events:
        turns = ((event.introduced, 0, True), (event.fixed, 0, False), (event.last_affected, 1, False))
        for text, order, begins in turns:
            for version in _versions([text] if text and text != FROM_THE_START else []):
                yield version, order, begins


def _versions(texts: list[str]) -> Iterator[Version]:
    for text in texts:
        try:
            yield Version(text)
        except InvalidVersion:  # old ones that no installer takes any more
            continue
