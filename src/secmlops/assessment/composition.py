"""What a model is made of, as parts of the battery: its file, the licences of its packages, their known flaws.

They examine a release candidate, not the model's answers. Of a model made elsewhere only the file is at hand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from secmlops.assessment.battery import Line, Part
from secmlops.core.digest import Digest
from secmlops.release.bom import BillOfMaterials
from secmlops.release.candidate import Candidate
from secmlops.release.scan.control import Scan
from secmlops.release.vulnerabilities.control import Vulnerabilities


@dataclass(frozen=True, slots=True)
class MadeOf:
    """A candidate, made when it is first looked at, the parts that look at it, and what their evidence depends on."""

    candidate: Callable[[], Candidate]
    parts: tuple[Part, ...]
    materials: Mapping[str, Digest] = field(default_factory=dict)


FILE = Part(
    "file",
    Scan(),
    Scan(),
    (Line("code, foreign operators or outside data in the file", "scan", ("dangerous",), "release.scan"),),
    lambda _: 0.0,
    lambda _: "every byte",
)
LICENCES = Part(
    "licences",
    BillOfMaterials(),
    BillOfMaterials(),
    (
        Line("packages under a refused licence", "bill of materials", ("refused_licences",), "another package"),
        Line("packages that nothing pins", "bill of materials", ("unpinned",), "a lock file with hashes"),
    ),
    lambda _: 0.0,
    lambda control: f"{len(control.refused_licences)} licences refused",
)


def vulnerabilities(online: bool) -> Part:
    """Part that looks up known vulnerabilities, by a file of advisories alone or by asking for them as well."""
    control = Vulnerabilities(online=online)
    line = Line("known flaws of its packages", "advisories", ("vulnerabilities",), "newer packages")
    return Part("vulnerabilities", control, control, (line,), lambda _: 0.0, lambda c: "online" if c.online else "file")
