"""The Python packages a model was made with: version, licence and hashes, from the metadata of what is installed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from types import MappingProxyType
from urllib.parse import quote

import msgspec

from secmlops.core.digest import Digest

_LONGEST_LICENCE_NAME = 80
_CLASSIFIER = "License :: "


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package.

    ``licence`` is an SPDX expression when ``spdx``, otherwise a name. ``archive`` is the digest of the file it was
    installed from, known for direct URLs only (PEP 610); ``record`` that of its RECORD, which lists the hash of every
    installed file (PEP 376).
    """

    name: str
    version: str
    licence: str = ""
    spdx: bool = False
    archive: Digest | None = None
    record: Digest | None = None

    @property
    def purl(self) -> str:
        """Package URL of type pypi (purl specification, PURL-TYPES): lower case, underscores as dashes."""
        name = self.name.lower().replace("_", "-")
        return f"pkg:pypi/{quote(name, safe='')}" + (f"@{quote(self.version, safe='')}" if self.version else "")

    @property
    def pinned(self) -> bool:
        """Whether a version and a hash say exactly which bytes were used."""
        return bool(self.version and (self.archive or self.record))


def installed_packages(versions: Mapping[str, str]) -> Mapping[str, Package]:
    """What this interpreter's metadata says about those packages that are installed in just that version."""
    found = {name: _installed(name) for name in sorted(versions)}
    return {name: package for name, package in found.items() if package and package.version == versions[name]}


@cache
def required_packages(root: str = "secmlops") -> Mapping[str, str]:
    """Versions, by name, of ``root`` and of all that it requires, and so on, as far as it is installed; no extras.

    This is what serves and verifies a model. Of requirements for other systems or interpreters only those count that
    are installed here.
    """
    found: dict[str, str] = {}
    waiting = [root]
    while waiting:
        try:
            dist = distribution(waiting.pop())
        except PackageNotFoundError:
            continue
        name = dist.metadata["Name"]
        if name not in found:
            found[name] = dist.version
            waiting += [wanted[0] for line in dist.requires or () if (wanted := _requirement(line))]
    return MappingProxyType(dict(sorted(found.items())))


def _requirement(line: str) -> re.Match[str] | None:
    """Name at the beginning of a requirement (PEP 508); None for one of an extra."""
    return None if "extra ==" in line else re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line)


def _installed(name: str) -> Package | None:
    try:
        dist = distribution(name)
    except (PackageNotFoundError, ValueError):  # ValueError: a name that no package can have
        return None
    record = dist.read_text("RECORD")
    licence, spdx = _licence(dist)
    return Package(
        name,
        dist.version,
        licence,
        spdx,
        _archive(dist.read_text("direct_url.json")),
        Digest.of(record.encode()) if record else None,
    )


def _licence(dist: Distribution) -> tuple[str, bool]:
    """Return the licence and whether it is an SPDX expression (PEP 639); classifiers and free text are names only."""
    metadata = dist.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"].strip(), True
    classifiers = [c for c in metadata.get_all("Classifier") or [] if c.startswith(_CLASSIFIER)]
    if classifiers:
        return ", ".join(sorted(c.rpartition(" :: ")[2] for c in classifiers)), False
    text = metadata["License"].strip() if "License" in metadata else ""
    named = "\n" not in text and len(text) <= _LONGEST_LICENCE_NAME and text.upper() != "UNKNOWN"
    return (text if named else ""), False


class _ArchiveInfo(msgspec.Struct):
    hashes: dict[str, str] = {}


class _DirectUrl(msgspec.Struct):
    archive_info: _ArchiveInfo | None = None


def _archive(direct_url: str | None) -> Digest | None:
    if not direct_url:
        return None
    try:
        info = msgspec.json.decode(direct_url, type=_DirectUrl).archive_info
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # what cannot be read pins nothing, and shows in the measure
    sha256 = info.hashes.get("sha256", "") if info else ""
    return Digest(sha256) if re.fullmatch(r"[0-9a-f]{64}", sha256) else None
