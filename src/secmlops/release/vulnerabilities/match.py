"""A known vulnerability of an installed package, and those that a file of advisories knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from secmlops.release.vulnerabilities.database import Advisories


@dataclass(frozen=True, slots=True)
class Match:
    """A vulnerability of an installed package; ``names`` are the advisory's id and aliases."""

    package: str
    version: str
    id: str
    names: frozenset[str]


def matches(packages: Mapping[str, str], advisories: Advisories) -> Iterator[Match]:
    """Yield each vulnerability of the packages, versions by normalised name, once: one flaw often has several ids."""
    for name, text in sorted(packages.items()):
        version, seen = version_of(text), set[str]()
        for one in advisories.by_package.get(name, ()) if version else ():
            names = frozenset((one.id, *one.aliases))
            if version and not names & seen and one.is_about(name, version):
                seen |= names
                yield Match(name, text, one.id, names)


def version_of(text: str) -> Version | None:
    """Version by PEP 440; None for what is none."""
    try:
        return Version(text)
    except InvalidVersion:
        return None
