"""Loading: every check that ``secmlops verify`` makes, and the release's own name and bytes after it."""

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.gateway import loading
from secmlops.gateway.loading import load
from secmlops.release.verify import Check
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
