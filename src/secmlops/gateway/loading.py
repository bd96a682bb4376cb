"""Loading a release for serving: verified as a whole, and from then on the verified bytes are what answers."""

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.gateway.served import Served
from secmlops.release.bundle import Release
from secmlops.release.names import MODEL_FILE, SIGNATURE_FILE
from secmlops.release.verify import verify_release
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Signature
from secmlops.workspace import Workspace


def load(workspace: Workspace, release: Release) -> Served:
    """Release, ready to answer; raises VerificationError with the first check that does not hold."""
    opened = workspace.opened(release)
    checks = verify_release(release, workspace.keys.ring(), origin=workspace.origin, opened=opened)
    failed = next((check for check in checks if not check.ok), None)
    if failed:
        where = release.manifest.folder
        raise VerificationError(
            f"not served: {failed.name}: {failed.detail}", where=where, hint="secmlops verify tells more"
        )
    predictor = Predictor(opened[MODEL_FILE], Signature.from_json(opened[SIGNATURE_FILE]), threads=1)
    return Served(release.manifest.name, release.manifest.version, Digest.of(release.envelope), predictor)
