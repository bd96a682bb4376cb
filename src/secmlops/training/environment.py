"""The software a model was trained with: the child names the packages it imported, the parent says what they are."""

import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Self

import msgspec

from secmlops.core.errors import IsolationError

REQUIRED = ("numpy", "onnx", "pyarrow", "scikit-learn", "skl2onnx")
"""Packages without which nothing is trained here: a report that leaves one out is not one of a training."""
MAX_PACKAGES = 1000
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")  # PEP 508, names
_AT_START = {"_distutils_hack"}
"""Modules that the interpreter loads by itself because setuptools is installed; nobody uses it for that."""
_HINT = (
    "the code changed what Python says of itself, or packages were installed meanwhile: read the code, and run again"
)


class Environment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Interpreter, platform, and the version of each package by the name that its metadata give it."""

    python: str
    implementation: str
    platform: str
    packages: dict[str, str]

    @classmethod
    def here(cls, names: Iterable[str]) -> Self:
        """Describe this process; raises PackageNotFoundError for a package that is not installed."""
        return cls(
            python=platform.python_version(),
            implementation=platform.python_implementation(),
            platform=f"{platform.system()} {platform.machine()}",
            packages={name: importlib.metadata.version(name) for name in sorted(names)},
        )

    def to_json(self) -> bytes:
        """Serialise."""
        return msgspec.json.encode(self)


def imported_packages() -> set[str]:
    """Names of the packages of which this process has imported anything."""
    modules = {name.partition(".")[0] for name in sys.modules} - _AT_START
    packages = importlib.metadata.distributions()
    return {package.metadata["Name"] for package in packages if not modules.isdisjoint(_modules_of(package))}


def _modules_of(package: importlib.metadata.Distribution) -> Iterator[str]:
    """Names of the modules that a package brings: those it states, or those of its files (PyPA, recorded projects).

    As ``importlib.metadata.packages_distributions``, of which it takes a quarter of the time: no path is parsed.
    """
    stated = package.read_text("top_level.txt")
    if stated is not None:
        yield from stated.split()
        return
    for line in (package.read_text("RECORD") or "").splitlines():
        name = line.partition(",")[0].strip('"').partition("/")[0]
        yield name.partition(".")[0]


def known_environment(report: bytes) -> Environment:
    """What this process knows of the packages that a child's ``report`` names.

    Raises IsolationError when the report says anything else than this process knows, names packages that are not
    installed or that no package can be named, or leaves out one of ``REQUIRED``. Nothing of it is quoted.
    """
    try:
        told = msgspec.json.decode(report, type=Environment)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _refused("cannot be read") from None
    if len(told.packages) > MAX_PACKAGES:
        raise _refused(f"names more than {MAX_PACKAGES} packages")
    missing = [name for name in REQUIRED if name not in told.packages]
    if missing:
        raise _refused(f"leaves out {missing[0]}, which every training uses")
    known = Environment.here(_installed_names(told.packages))
    for name in ("python", "implementation", "platform"):
        if getattr(told, name) != getattr(known, name):
            raise _refused(f"says another {name} than this one, {getattr(known, name)}")
    for package, version in known.packages.items():
        if told.packages[package] != version:
            raise _refused(f"says another version of {package} than {version}, which is installed")
    return known


def _installed_names(names: Iterable[str]) -> list[str]:
    """The names, each as the metadata of an installed package spell it; raises IsolationError for any other."""
    spelled = list(names)
    for place, name in enumerate(spelled, 1):
        if not _NAME.fullmatch(name):
            raise _refused(f"names as number {place} something that no package can be named")
        try:
            known = importlib.metadata.metadata(name)["Name"]
        except importlib.metadata.PackageNotFoundError:
            raise _refused(f"names as number {place} a package that is not installed") from None
        if known != name:
            raise _refused(f"spells the name of {known} in another way")
    return spelled


def _refused(why: str) -> IsolationError:
    return IsolationError(f"the report of the training environment {why}", where="environment.json", hint=_HINT)
