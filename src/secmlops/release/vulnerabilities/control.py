"""The control ``release.vulnerabilities``: whether packages the model was made with have known vulnerabilities."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from packaging.version import InvalidVersion, Version

from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.release.candidate import Candidate
from secmlops.release.vulnerabilities.advisory import normalised
from secmlops.release.vulnerabilities.database import Advisories, read_advisories

_REFRESH = "export the advisories of PyPI from osv.dev, and name the file under release.advisories"


@dataclass(frozen=True, slots=True)
class Vulnerabilities:
    """Matches the packages that trained, serve and verify the model with the project's file of OSV advisories.

    Fails for each known vulnerability that ``accepted`` does not name (by id or alias), and for advisories of which the
    newest is more than ``maximum_age_days`` older than the training. Skipped without a file: what could not be looked
    up is not fine.
    """

    id: ClassVar[str] = "release.vulnerabilities"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.RELEASE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("owasp-ml:ML06", "atlas:AML.T0010", "atlas:AML.T0010.001")

    accepted: tuple[str, ...] = ()
    maximum_age_days: float = 30.0

    def __post_init__(self) -> None:
        if not self.maximum_age_days > 0:
            raise InputError("maximum_age_days is not above 0", where=self.id)

    def examine(self, artifact: Candidate, /) -> Examination:
        """Look up every package of the candidate; raises InputError for a file that is not OSV."""
        packages = {normalised(name): version for name, version in {**artifact.versions(), **artifact.serving}.items()}
        if artifact.advisories is None:
            told = f"{counted(len(packages), 'package')} not looked up: release.advisories names no file"
            finding = Finding("vulnerabilities.not-checked", Severity.ERROR, told, hint=_REFRESH)
            return Examination(Outcome.SKIPPED, (finding,), {"unchecked_packages": float(len(packages))})
        advisories = read_advisories(artifact.advisories, "release.advisories")
        unreadable = sorted(name for name, version in packages.items() if _version(version) is None)
        found = [one for one in _matches(packages, advisories) if not one.names & set(self.accepted)]
        age = self._age(artifact, advisories)
        measures = {
            "checked_packages": float(len(packages) - len(unreadable)),
            "unchecked_packages": float(len(unreadable)),
            "advisories": float(advisories.count),
            "vulnerabilities": float(len(found)),
            "vulnerable_packages": float(len({one.package for one in found})),
        }
        findings = (*map(_finding, found), *_unread(unreadable), *self._stale(age))
        materials = {"advisories": Digest.of(artifact.advisories)}
        return Examination.judged(
            findings, measures if age is None else measures | {"advisory_age_days": age}, materials=materials
        )

    def _age(self, artifact: Candidate, advisories: Advisories) -> float | None:
        """Days from the newest advisory to the end of training, 0 or more; None where that is not known."""
        if artifact.finished is None:
            return None
        return max(0.0, (artifact.finished - advisories.newest).total_seconds() / 86_400)

    def _stale(self, age: float | None) -> Iterator[Finding]:
        if age is None or age > self.maximum_age_days:
            old = "cannot be dated" if age is None else f"end {age:.0f} days before the model was trained"
            yield Finding("vulnerabilities.stale", Severity.ERROR, f"the advisories {old}", hint=_REFRESH)


@dataclass(frozen=True, slots=True)
class Match:
    """A vulnerability of an installed package; ``names`` are the advisory's id and aliases."""

    package: str
    version: str
    id: str
    names: frozenset[str]


def _matches(packages: dict[str, str], advisories: Advisories) -> Iterator[Match]:
    for name, text in sorted(packages.items()):
        version, seen = _version(text), set[str]()
        for one in advisories.by_package.get(name, ()) if version else ():
            names = frozenset((one.id, *one.aliases))
            if version and not names & seen and one.is_about(name, version):  # one flaw often has several ids
                seen |= names
                yield Match(name, text, one.id, names)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _finding(one: Match) -> Finding:
    others = ", ".join(sorted(one.names - {one.id}))
    return Finding(
        "vulnerabilities.known",
        Severity.ERROR,
        f"{one.package} {one.version} has a known vulnerability: {one.id}" + (f" ({others})" if others else ""),
        where=one.package,
        hint="update the package and train again, or accept it by its id in the settings of this control",
    )


def _unread(names: list[str]) -> Iterator[Finding]:
    if names:
        told = f"{counted(len(names), 'package has', 'packages have')} no version to look up: {', '.join(names[:10])}"
        yield Finding("vulnerabilities.not-checked", Severity.ERROR, told, hint="install them from released versions")
