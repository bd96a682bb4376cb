"""Loading a release for serving: verified as a whole, and from then on the verified bytes are what answers."""

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.core.evidence import Outcome
from secmlops.gateway.served import Served
from secmlops.release.bundle import Release
from secmlops.release.names import GATE_CONTROL, MODEL_FILE, SIGNATURE_FILE
from secmlops.release.verify import verify_release
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Signature
from secmlops.workspace import Workspace


def load(workspace: Workspace, release: Release) -> Served:
    """Release, ready to answer; raises VerificationError with the first check that does not hold.

    The release must verify, as ``secmlops verify`` does, and the ledger's latest verdict about its model must still be
    open. What is decrypted once is verified and then loaded: nothing on disk is looked at again.
    """
    opened = workspace.opened(release)
    where = release.manifest.folder
    checks = verify_release(release, workspace.keys.ring(), origin=workspace.origin, opened=opened)
    failed = next((check for check in checks if not check.ok), None)
    if failed:
        raise VerificationError(
            f"not served: {failed.name}: {failed.detail}", where=where, hint="secmlops verify tells more"
        )
    _check_latest_verdict(workspace, release)
    predictor = Predictor(opened[MODEL_FILE], Signature.from_json(opened[SIGNATURE_FILE]), threads=1)
    return Served(release.manifest.name, release.manifest.version, Digest.of(release.envelope), predictor)


def _check_latest_verdict(workspace: Workspace, release: Release) -> None:
    """Raise VerificationError when the gate has since said something else about the model than the release shows."""
    where, model = release.manifest.folder, release.manifest.model
    verdicts = [
        attested.evidence
        for attested in workspace.book.all()
        if attested.roles
        and attested.evidence.control.id == GATE_CONTROL
        and model in {attested.evidence.subject.digest, *attested.evidence.materials.values()}
    ]
    if not verdicts:
        raise VerificationError("not served: this ledger knows no verdict about the model", where=where)
    if verdicts[-1].outcome is not Outcome.PASSED:
        since = f"{verdicts[-1].at:%Y-%m-%d %H:%M} UTC"
        raise VerificationError(
            f"not served: the gate has been shut for this model since {since}", where=where, hint="secmlops status"
        )
