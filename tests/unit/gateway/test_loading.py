"""Loading: every check that ``secmlops verify`` makes, and the release's own name and bytes after it."""

import dataclasses
import os
import shutil

import numpy as np
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.detect.guard import Guard
from secmlops.gateway import loading
from secmlops.gateway.loading import ReleaseSource, load
from secmlops.lifecycle.releases import publication_of, publications, revocation_of
from secmlops.release.bundle import read_release
from secmlops.release.folder import write_folder
from secmlops.release.names import ENVELOPE_FILE, EVIDENCE_FILE, MANIFEST_FILE
from secmlops.release.verify import Check
from secmlops.runtime.signature import Inputs
from secmlops.serving.settings import GuardPolicy, GuardSettings, ServingSettings
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace


def test_a_release_that_verifies_is_served_under_its_name(project):
    workspace = Workspace(project)
    release = workspace.release()
    served = load(workspace, release)
    assert (served.name, served.version) == ("small", "1")
    assert served.release == Digest.of(release.envelope)
    assert served.predictor.digest == release.manifest.model


@pytest.mark.parametrize("place", range(3))
def test_any_check_that_does_not_hold_is_enough(project, monkeypatch, place):
    checks = [Check("one", True, "fine"), Check("two", True, "fine")]
    checks.insert(place, Check("three", False, "it was changed"))
    monkeypatch.setattr(loading, "verify_release", lambda *_, **__: tuple(checks))
    workspace = Workspace(project)
    with pytest.raises(VerificationError, match="small-1: not served: three: it was changed"):
        load(workspace, workspace.release())


@pytest.fixture
def workspace(project):
    return Workspace(project)


def published_again(workspace: Workspace) -> str:
    """Publish the same model once more, as a later run would, under the next number."""
    release = workspace.release()
    manifest = dataclasses.replace(release.manifest, version="2")
    sealed = dict(release.files)
    folder = workspace.releases / manifest.folder
    write_folder(
        folder,
        {
            **sealed,
            MANIFEST_FILE: manifest.to_json(),
            ENVELOPE_FILE: manifest.sign(workspace.keys.signer(Role.RELEASER)),
        },
    )
    evidence = publication_of(read_release(folder))
    workspace.book.append(evidence, workspace.keys.signer(Role.RELEASER))
    return manifest.folder


def revoke(workspace: Workspace, folder: str) -> None:
    found = next(one for one in publications(workspace.book, "small") if one.folder == folder)
    workspace.book.append(
        revocation_of(found, "trained on mislabelled rows", workspace.clock()), workspace.keys.signer(Role.RELEASER)
    )


def test_the_latest_is_followed_and_a_named_one_is_not(workspace):
    latest, named = (ReleaseSource(workspace, name, ServingSettings()) for name in (None, "small-1"))
    served = latest.load()
    assert named.load().release == served.release
    assert latest.newer(served) is None
    published_again(workspace)
    newer = latest.newer(served)
    assert (newer.version, newer.predictor.digest) == ("2", served.predictor.digest)
    assert latest.newer(newer) is None
    assert named.newer(served) is None


def test_what_was_loaded_but_not_taken_is_offered_again(workspace):
    source = ReleaseSource(workspace, None, ServingSettings())
    served = source.load()
    published_again(workspace)
    assert source.newer(served).version == "2"
    assert source.newer(served).version == "2"
    assert not source.changed(served)


def test_a_newer_release_that_does_not_verify_is_an_error_and_the_old_one_stays_sound(workspace):
    source = ReleaseSource(workspace, None, ServingSettings())
    served = source.load()
    folder = published_again(workspace)
    path = workspace.releases / folder / EVIDENCE_FILE
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(VerificationError):
        source.newer(served)
    assert source.obstacle(served) == ""
    assert not source.changed(served)


def test_a_revocation_is_an_obstacle_to_that_release_alone(workspace):
    source = ReleaseSource(workspace, None, ServingSettings())
    first = source.load()
    folder = published_again(workspace)
    second = source.newer(first)
    revoke(workspace, folder)
    assert source.obstacle(second).endswith("trained on mislabelled rows")
    assert source.obstacle(first) == ""
    with pytest.raises(VerificationError, match="not served: revoked") as told:
        source.load()
    assert "secmlops release list" in told.value.hint


@pytest.mark.parametrize("file", ["model.onnx", "release.dsse.json", EVIDENCE_FILE])
def test_changed_files_are_seen_and_so_is_their_return(workspace, file):
    source = ReleaseSource(workspace, None, ServingSettings())
    served = source.load()
    assert not source.changed(served)
    path = next(p for p in (workspace.releases / "small-1").iterdir() if p.name.startswith(file))
    sound, about = path.read_bytes(), path.stat()
    path.write_bytes(bytes([sound[0] ^ 1]) + sound[1:])
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))  # as an attacker would
    assert source.changed(served)
    assert source.changed(served)
    path.write_bytes(sound)
    assert not source.changed(served)
    shutil.rmtree(workspace.releases / "small-1")
    assert source.changed(served)


def test_another_sound_release_in_its_place_is_a_change(workspace):
    source = ReleaseSource(workspace, "small-1", ServingSettings())
    served = source.load()
    folder = workspace.releases / published_again(workspace)
    shutil.rmtree(workspace.releases / "small-1")
    folder.rename(workspace.releases / "small-1")
    assert source.changed(served)


def test_files_are_read_again_only_when_they_look_different(workspace, monkeypatch):
    source = ReleaseSource(workspace, None, ServingSettings())
    served = source.load()
    assert not source.changed(served)
    monkeypatch.setattr(loading, "read_release", lambda _: pytest.fail("read"))
    assert not source.changed(served)


def test_a_guard_that_is_wanted_must_be_there(workspace, echo):
    assert load(workspace, workspace.release()).decider.guard is not None
    off = ServingSettings(guard=GuardSettings(policy=GuardPolicy.OFF))
    assert load(workspace, workspace.release(), off).decider.guard is None
    assert loading._decider(echo(), None, ServingSettings()).policy is GuardPolicy.OFF
    for policy, fallback in ((GuardPolicy.REFUSE, None), (GuardPolicy.FALLBACK, "class_1")):
        chosen = ServingSettings(guard=GuardSettings(policy=policy, fallback=fallback))
        with pytest.raises(VerificationError, match="has no guard"):
            loading._decider(echo(), None, chosen)


def learned_guard(numbers: int) -> bytes:
    """Guard of a model that takes so many numbers."""
    rng = np.random.default_rng(3)
    sample = [Inputs(rng.normal(size=(n, numbers)).astype(np.float32), np.empty((n, 0), object)) for n in (300, 100)]
    return Guard.fit(*sample, 0.01, rng).to_bytes()


def test_the_guard_decides_by_the_policy(echo):
    guard = learned_guard(2)
    for policy, fallback in ((GuardPolicy.OFF, None), (GuardPolicy.FLAG, None), (GuardPolicy.FALLBACK, "class_1")):
        chosen = ServingSettings(guard=GuardSettings(policy=policy, fallback=fallback))
        decider = loading._decider(echo(), guard, chosen)
        assert decider.policy is policy
        assert (decider.guard is None) is (policy is GuardPolicy.OFF)
        assert (None if decider.fallback is None else decider.fallback.tolist()) == ([0, 1] if fallback else None)


def test_the_guard_of_another_model_is_refused_at_the_start(echo):
    with pytest.raises(VerificationError, match="takes 3 numeric and 0 categorical features, the model 2 and 0"):
        loading._decider(echo(), learned_guard(3), ServingSettings())


@pytest.mark.parametrize(
    ("role", "why"),
    [
        (Role.VALIDATOR, "evidence: assurance."),
        (Role.MODEL, "model signature: "),
        (Role.LOG, "checkpoint: "),
        (Role.RELEASER, "it was published with a key that was revoked"),
    ],
)
def test_what_stands_on_a_key_that_is_revoked_meanwhile_answers_no_more(workspace, role, why):
    source = ReleaseSource(workspace, None, ServingSettings())
    served = source.load()
    assert source.obstacle(served) == ""
    old = workspace.keys.signer(role).key_id
    workspace.keys.rotate(role, workspace.clock())
    assert source.obstacle(served) == "", "a rotated key still vouches for what it signed"
    workspace.keys.revoke(old)
    assert why in source.obstacle(served)
    assert why in source.obstacle(served), "and it stays so"


def test_a_release_that_cannot_be_looked_at_again_answers_no_more(workspace):
    source = ReleaseSource(workspace, None, ServingSettings())
    served = source.load()
    shutil.move(workspace.releases / "small-1", workspace.releases / "away")
    assert source.obstacle(served) == "", "the verified bytes are served on"
    workspace.keys.rotate(Role.ENGINEER, workspace.clock())
    assert "cannot be verified" in source.obstacle(served)
    shutil.move(workspace.releases / "away", workspace.releases / "small-1")
    assert source.obstacle(served) == ""
