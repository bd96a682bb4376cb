"""Loading a release for serving: verified as a whole, and from then on the verified bytes are what answers."""

from collections.abc import Mapping
from pathlib import Path

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.guard import Guard
from secmlops.explain.explainer import Explainer
from secmlops.gateway.served import Served
from secmlops.lifecycle.releases import obstacle_to, publications
from secmlops.release.bundle import Release, read_release
from secmlops.release.names import EXPLAINER_FILE, GUARD_FILE, HABITS_FILE, MODEL_FILE, SIGNATURE_FILE
from secmlops.release.verify import Check, verify_release
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Signature
from secmlops.serving.answer import Model
from secmlops.serving.decision import Decider, fallback_scores
from secmlops.serving.settings import GuardPolicy, ServingSettings
from secmlops.serving.validation import Validator
from secmlops.trust.roles import KeyRing
from secmlops.workspace import Workspace

_Looks = tuple[tuple[str, int, int, int, int], ...]


class ReleaseSource:
    """Where one of the served releases comes from: a project, and the release that was named, or always its latest."""

    def __init__(self, workspace: Workspace, name: str | None, settings: ServingSettings) -> None:
        self._workspace = workspace
        self._name = name
        self._settings = settings
        self._seen: tuple[Path, _Looks] | None = None
        self._changed = False
        self._borne_out: tuple[Digest, KeyRing] | None = None
        self._fault = ""

    def load(self) -> Served:
        """Release, ready to answer; raises VerificationError with the first check that does not hold."""
        ring = self._workspace.keys.ring()
        served = load(self._workspace, self._workspace.release(self._name), self._settings)
        self._borne_out, self._fault = (served.release, ring), ""
        return served

    def newer(self, served: Served) -> Served | None:
        """The release that was published after ``served``, loaded, where the latest is wanted; None without one."""
        if self._name is not None:
            return None
        history = publications(self._workspace.book, self._workspace.project.name)
        if not history or history[-1].envelope == served.release:
            return None
        return self.load()

    def obstacle(self, served: Served) -> str:
        """Why the ledger, or the keys that are trusted now, no longer let this release answer; or the empty text."""
        return obstacle_to(self._workspace.book, served.release, served.predictor.digest) or self._unsigned(served)

    def _unsigned(self, served: Served) -> str:
        """Why the release does not verify any more. Looked at again only when a key was revoked or added."""
        now = served.release, self._workspace.keys.ring()
        if now != self._borne_out:
            try:
                failed = first_fault(self._workspace, self._workspace.release(served.subject.name))
            except (InputError, VerificationError) as error:
                return f"it cannot be verified with the keys that are trusted now: {error.what}"
            self._borne_out, self._fault = now, f"{failed.name}: {failed.detail}" if failed else ""
        return self._fault

    def changed(self, served: Served) -> bool:
        """Whether the folder no longer holds the release that was loaded. Read again only when it looks different."""
        folder = self._workspace.releases / served.subject.name
        seen = folder, _looks(folder)
        if seen != self._seen:
            self._seen = seen
            try:
                self._changed = Digest.of(read_release(folder).envelope) != served.release
            except (InputError, VerificationError):
                self._changed = True
        return self._changed


def load(workspace: Workspace, release: Release, settings: ServingSettings | None = None) -> Served:
    """Release, ready to answer; raises VerificationError with the first check that does not hold.

    The release must verify, as ``secmlops verify`` does, and the ledger must not have said otherwise since: its latest
    verdict about the model open, the release not revoked. What is decrypted once is verified and then loaded: nothing
    on disk is looked at again.
    """
    chosen = settings or ServingSettings()
    opened = workspace.opened(release)
    where = release.manifest.folder
    failed = first_fault(workspace, release, opened)
    if failed:
        raise VerificationError(
            f"not served: {failed.name}: {failed.detail}", where=where, hint="secmlops verify tells more"
        )
    digest = Digest.of(release.envelope)
    obstacle = obstacle_to(workspace.book, digest, release.manifest.model)
    if obstacle:
        hint = "secmlops release list shows which may be served, by their names"
        raise VerificationError(f"not served: {obstacle}", where=where, hint=hint)
    signature = Signature.from_json(opened[SIGNATURE_FILE])
    predictor = Predictor(opened[MODEL_FILE], signature, threads=1)
    explainer = opened.get(EXPLAINER_FILE)
    return Served(
        release.manifest.name,
        release.manifest.version,
        digest,
        predictor,
        _decider(predictor, opened.get(GUARD_FILE), chosen),
        Validator(signature, chosen.validation),
        Model(release.manifest.name, release.manifest.version, signature),
        None if explainer is None else Explainer.from_bytes(explainer, signature, predictor.digest),
        opened.get(HABITS_FILE),
    )


def first_fault(workspace: Workspace, release: Release, opened: Mapping[str, bytes] | None = None) -> Check | None:
    """First check of the release that does not hold with the project's keys as they are now; None when all do."""
    files = workspace.opened(release) if opened is None else opened
    checks = verify_release(release, workspace.keys.ring(), origin=workspace.origin, opened=files)
    return next((check for check in checks if not check.ok), None)


def _decider(predictor: Predictor, guard: bytes | None, settings: ServingSettings) -> Decider:
    policy = settings.guard.policy
    if policy is GuardPolicy.OFF:
        return Decider(predictor, None, policy)
    if guard is None:
        if policy is GuardPolicy.FLAG:
            return Decider(predictor, None, GuardPolicy.OFF)
        hint = "make a release with the control assurance.guard, or set serving.guard.policy to flag"
        raise VerificationError("not served: the release has no guard", where="serving.guard", hint=hint)
    fallback = fallback_scores(predictor.signature, settings.guard.fallback) if policy is GuardPolicy.FALLBACK else None
    learned = Guard.from_bytes(guard)
    learned.check_fits(predictor.signature)
    return Decider(predictor, learned, policy, fallback)


def _looks(folder: Path) -> _Looks:
    """What the file system says of the files: name, inode, size, and when its contents and its inode last changed.

    The time of the contents can be set back by whoever changes them, that of the inode cannot.
    """
    try:
        found = [(path.name, path.stat()) for path in sorted(folder.iterdir())]
    except OSError:
        return ()
    return tuple((name, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for name, s in found)
