"""The control ``release.vulnerabilities``: whether packages the model was made with have known vulnerabilities."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

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
from secmlops.release.vulnerabilities.match import Match, matches, version_of
from secmlops.release.vulnerabilities.pip_audit import Audit, audit

_REFRESH = "export the advisories of PyPI from osv.dev, and name the file under release.advisories"
_ONLINE = "install pip-audit and ask where there is a network, or name a file of advisories under release.advisories"
_OFFLINE = Audit((), frozenset())


@dataclass(frozen=True, slots=True)
class Vulnerabilities:
    """Looks up the packages that trained, serve and verify the model among known vulnerabilities.

    In the project's file of OSV advisories, where it names one, and with ``online`` by pip-audit over the network; of
    both, all that either knows counts. Fails for each known vulnerability that ``accepted`` does not name (by id or
    alias), for each package that neither could look up unless it is ``unpublished``, and, where the file alone was
    asked, for advisories of which the newest is more than ``maximum_age_days`` older than the training. Skipped where
    nothing could be asked: what could not be looked up is not fine.
    """

    id: ClassVar[str] = "release.vulnerabilities"
    version: ClassVar[str] = "2"
    stage: ClassVar[Stage] = Stage.RELEASE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("owasp-ml:ML06", "atlas:AML.T0010", "atlas:AML.T0010.001")

    accepted: tuple[str, ...] = ()
    maximum_age_days: float = 30.0
    online: bool = False
    unpublished: tuple[str, ...] = ("secmlops",)

    def __post_init__(self) -> None:
        if not self.maximum_age_days > 0:
            raise InputError("maximum_age_days is not above 0", where=self.id)

    def examine(self, artifact: Candidate, /) -> Examination:
        """Look up every package of the candidate; raises InputError for a file that is not OSV."""
        packages = {normalised(name): text for name, text in {**artifact.versions(), **artifact.serving}.items()}
        asked = audit(packages) if self.online else _OFFLINE
        advisories = None
        if artifact.advisories is not None:
            advisories = read_advisories(artifact.advisories, "release.advisories")
        if advisories is None and not asked.looked_up:
            return _nothing_asked(packages, asked)
        readable = {name for name, text in packages.items() if version_of(text) is not None}
        unchecked = sorted(packages.keys() - (asked.looked_up if advisories is None else readable))
        age = self._age(artifact, advisories) if advisories else None
        found = [one for one in _all(packages, advisories, asked) if not one.names & set(self.accepted)]
        measures = {
            "checked_packages": float(len(packages) - len(unchecked)),
            "unchecked_packages": float(len(unchecked)),
            "vulnerabilities": float(len(found)),
            "vulnerable_packages": float(len({one.package for one in found})),
        }
        if advisories:
            measures["advisories"] = float(advisories.count)
        if age is not None:
            measures["advisory_age_days"] = age
        if self.online:
            measures["online_packages"] = float(len(asked.looked_up))
        findings = [*map(_finding, found), *self._unread(unchecked), *_unknown(artifact), *_told(asked)]
        if advisories and readable - asked.looked_up - set(self.unpublished):
            findings += self._stale(age)
        return Examination.judged(tuple(findings), measures, materials=_materials(artifact, asked))

    def _age(self, artifact: Candidate, advisories: Advisories) -> float | None:
        """Days from the newest advisory to the end of training, 0 or more; None where that is not known."""
        if artifact.finished is None:
            return None
        return max(0.0, (artifact.finished - advisories.newest).total_seconds() / 86_400)

    def _stale(self, age: float | None) -> Iterator[Finding]:
        if age is None or age > self.maximum_age_days:
            old = "cannot be dated" if age is None else f"end {age:.0f} days before the model was trained"
            yield Finding("vulnerabilities.stale", Severity.ERROR, f"the advisories {old}", hint=_REFRESH)

    def _unread(self, names: list[str]) -> Iterator[Finding]:
        """Yield what could not be looked up: a note for what no registry has, an error for everything else."""
        own = [name for name in names if name in self.unpublished]
        if own:
            told = f"not looked up, as unpublished: {', '.join(own)}"
            yield Finding("vulnerabilities.unpublished", Severity.NOTE, told)
        others = [name for name in names if name not in self.unpublished]
        if others:
            told = f"{counted(len(others), 'package')} could not be looked up: {', '.join(others[:10])}"
            hint = "install them from released versions, or name a file of advisories under release.advisories"
            yield Finding("vulnerabilities.not-checked", Severity.ERROR, told, hint=hint)


def _nothing_asked(packages: Mapping[str, str], asked: Audit) -> Examination:
    why = asked.obstacle or "release.advisories names no file"
    told = f"{counted(len(packages), 'package')} not looked up: {why}"
    finding = Finding("vulnerabilities.not-checked", Severity.ERROR, told, hint=_ONLINE if asked.obstacle else _REFRESH)
    return Examination(Outcome.SKIPPED, (finding,), {"unchecked_packages": float(len(packages))})


def _all(packages: Mapping[str, str], advisories: Advisories | None, asked: Audit) -> Iterator[Match]:
    """Yield what the file knows, and what pip-audit knows beyond it."""
    filed = list(matches(packages, advisories)) if advisories else []
    yield from filed
    known = {(one.package, name) for one in filed for name in one.names}
    yield from (one for one in asked.found if not any((one.package, name) in known for name in one.names))


def _finding(one: Match) -> Finding:
    others = ", ".join(sorted(one.names - {one.id}))
    return Finding(
        "vulnerabilities.known",
        Severity.ERROR,
        f"{one.package} {one.version} has a known vulnerability: {one.id}" + (f" ({others})" if others else ""),
        where=one.package,
        hint="update the package and train again, or accept it by its id in the settings of this control",
    )


def _unknown(artifact: Candidate) -> Iterator[Finding]:
    if not artifact.versions():
        told = "the packages that made the model are not known: only those that run it were looked up"
        yield Finding("vulnerabilities.makers-unknown", Severity.WARNING, told)


def _told(asked: Audit) -> Iterator[Finding]:
    """Yield why the file alone was asked, although the network was to be."""
    if asked.obstacle:
        told = f"nothing was asked over the network: {asked.obstacle}"
        yield Finding("vulnerabilities.offline", Severity.WARNING, told, hint=_ONLINE)


def _materials(artifact: Candidate, asked: Audit) -> dict[str, Digest]:
    materials = {} if artifact.advisories is None else {"advisories": Digest.of(artifact.advisories)}
    return materials if asked.answer is None else materials | {"audit": asked.answer}
