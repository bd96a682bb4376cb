"""The control fails unless every file is safe."""

from dataclasses import dataclass

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.release.scan.control import Scan
from secmlops.release.scan.limits import Limits

SAFE, BAD = b"\x80\x04N.", b"cos\nsystem\n)R."


@dataclass
class Release:
    files: dict[str, bytes]


def test_safe_files_pass_with_measures_and_materials() -> None:
    examination = Scan().examine(Release({"a.pkl": SAFE, "b.txt": b"text"}))
    assert examination.outcome is Outcome.PASSED
    assert examination.measures == {"files": 2.0, "dangerous": 0.0, "cannot_tell": 0.0, "bytes": 8.0}
    assert examination.materials == {"a.pkl": Digest.of(SAFE), "b.txt": Digest.of(b"text")}


def test_one_dangerous_or_unknown_file_fails() -> None:
    dangerous = Scan().examine(Release({"a.pkl": SAFE, "b.pkl": BAD}))
    assert (dangerous.outcome, dangerous.measures["dangerous"]) == (Outcome.FAILED, 1.0)
    unknown = Scan().examine(Release({"a.bin": bytes(range(1, 99))}))
    assert (unknown.outcome, unknown.measures["cannot_tell"]) == (Outcome.FAILED, 1.0)


def test_no_file_fails() -> None:
    assert Scan().examine(Release({})).outcome is Outcome.FAILED


def test_a_file_fails_even_when_no_finding_is_kept() -> None:
    assert Scan(Limits(findings=0)).examine(Release({"b.pkl": BAD})).outcome is Outcome.FAILED
