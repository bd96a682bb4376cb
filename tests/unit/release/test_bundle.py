import dataclasses

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.release.bundle import Release, read_release
from secmlops.trust.roles import KeyRing


def test_what_was_written_is_read_back(world) -> None:
    parts = world.parts()
    path = world.release()
    assert path.name == "credit-1.0.0"
    release = read_release(path)
    assert release.evidence == parts.evidence
    assert release.receipts == parts.receipts
    assert release.sealed == parts.sealed
    assert KeyRing.from_json(release.files["trust.json"]) == world.ring
    assert release.manifest.model == world.candidate.model
    assert {p.name for p in path.iterdir()} == {*release.files, "release.json", "release.dsse.json"}


def test_a_release_is_made_once(world) -> None:
    world.release()
    with pytest.raises(InputError, match="exists already"):
        world.release()
    assert world.release(version="1.0.1").name == "credit-1.0.1"


def test_there_is_none_where_there_is_none(tmp_path) -> None:
    with pytest.raises(InputError, match="no release can be read"):
        read_release(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verdict": Digest.of(b"other")}, "verdict is not among"),
        ({"receipts": ()}, "0 receipts for 6"),
        ({"sealed": {}}, "no sealed model"),
        ({"sealed": {"model.sig": b"x"}}, "under the name of another part"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(world, changes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        world.parts(**changes)


def test_evidence_of_several_lines_is_refused(world) -> None:
    parts = world.parts()
    with pytest.raises(InputError, match="line break"):
        dataclasses.replace(parts, evidence=(b"{\n}", *parts.evidence[1:]))


@pytest.mark.parametrize("proofs", [b"no json\n", b'{"a":1}\n', b'"cut off"', b'"\xff"\n'])
def test_receipts_must_be_lines_of_json_text(world, proofs: bytes) -> None:
    release = read_release(world.release())
    changed = Release(release.manifest, release.envelope, {**release.files, "proofs.jsonl": proofs})
    with pytest.raises(VerificationError, match="line"):
        _ = changed.receipts
    with pytest.raises(VerificationError, match=r"proofs\.jsonl: a file is not"):
        changed.check_digests()


def test_a_release_holds_exactly_the_files_of_its_manifest(world) -> None:
    release = read_release(world.release())
    with pytest.raises(VerificationError, match="unknown \\['more'\\]"):
        Release(release.manifest, release.envelope, {**release.files, "more": b""})
    with pytest.raises(VerificationError, match="missing"):
        Release(release.manifest, release.envelope, {})
