"""Asks for known vulnerabilities over the network, through the program pip-audit where it is installed.

The program ends with 0 and "No known vulnerabilities found" also for packages that it could not look up: only what its
JSON lists with the version that was asked for, and without a reason for skipping it, was looked up.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from secmlops.core.digest import Digest
from secmlops.release.vulnerabilities.advisory import normalised
from secmlops.release.vulnerabilities.match import Match, version_of

PROGRAM = "pip-audit"
SECONDS = 180
_FOUND_SOME = 1
"""How the program ends when it knows vulnerabilities."""


class _Flaw(msgspec.Struct):
    id: str
    aliases: list[str] = []


class _Dependency(msgspec.Struct):
    name: str
    version: str = ""
    vulns: list[_Flaw] | None = None
    skip_reason: str = ""


class _Answer(msgspec.Struct):
    dependencies: list[_Dependency]


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found, the packages that were looked up, why nothing was (empty if something), and what was answered."""

    found: tuple[Match, ...]
    looked_up: frozenset[str]
    obstacle: str = ""
    answer: Digest | None = None


def audit(packages: Mapping[str, str], program: str | None = None) -> Audit:
    """Ask about ``packages``, versions by normalised name. Raises nothing: what could not be asked is told.

    ``program`` is the path of pip-audit; otherwise it is searched beside this interpreter, then where programs are.
    """
    path = program or shutil.which(PROGRAM, path=str(Path(sys.executable).parent)) or shutil.which(PROGRAM)
    if path is None:
        return Audit((), frozenset(), f"{PROGRAM} is not installed")
    asked = {name: text for name, text in packages.items() if version_of(text) is not None}
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("".join(f"{name}=={text}\n" for name, text in sorted(asked.items())), encoding="utf-8")
        options = ("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off")
        command = [path, "--requirement", str(listed), *options]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  no shell
        except (OSError, subprocess.TimeoutExpired) as error:
            return Audit((), frozenset(), f"{PROGRAM} did not answer: {type(error).__name__}")
    if done.returncode not in {0, _FOUND_SOME}:
        return Audit((), frozenset(), f"{PROGRAM} ended with {done.returncode}")
    return _read(done.stdout, asked)


def _read(answer: bytes, asked: Mapping[str, str]) -> Audit:
    try:
        given = msgspec.json.decode(answer, type=_Answer).dependencies
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Audit((), frozenset(), f"{PROGRAM} answered something that cannot be read")
    mine = {normalised(one.name): one for one in given if not one.skip_reason and one.vulns is not None}
    looked_up = {name: one for name, one in mine.items() if name in asked and _same(one.version, asked[name])}
    found = tuple(match for name, one in sorted(looked_up.items()) for match in _matches(name, one))
    obstacle = "" if looked_up else f"{PROGRAM} could look up none of the packages"
    return Audit(found, frozenset(looked_up), obstacle, Digest.of(answer))


def _matches(name: str, one: _Dependency) -> Iterator[Match]:
    seen: set[str] = set()
    for flaw in one.vulns or ():
        names = frozenset((flaw.id, *flaw.aliases))
        if not names & seen:
            seen |= names
            yield Match(name, one.version, flaw.id, names)


def _same(answered: str, asked: str) -> bool:
    return version_of(answered) is not None and version_of(answered) == version_of(asked)
