"""Destroying what was made of a table with a person in it: the keys first, so that no copy can be read again."""

from collections.abc import Collection, Sequence

from secmlops.core.digest import Digest
from secmlops.core.stage import Stage
from secmlops.core.subject import SubjectKind
from secmlops.data.governance.lineage import lineage_of
from secmlops.data_subject.holding import stored_sources
from secmlops.data_subject.record import Intent
from secmlops.datasets import column_store_of
from secmlops.lifecycle.journey import SOURCE
from secmlops.lifecycle.releases import REVOKE_CONTROL, Publication, publications, revocation_of
from secmlops.lifecycle.sealed import product_kind
from secmlops.release.bundle import read_release
from secmlops.training.sandbox.scratch import clear_abandoned
from secmlops.trust.roles import Role
from secmlops.vault.address import Address
from secmlops.workspace import Workspace

REASON = "made of data that were erased since"
_COLUMNS = "columns"
_PRODUCTS = tuple(product_kind(stage, "") for stage in Stage)


def doomed_digests(workspace: Workspace, intent: Intent) -> tuple[Digest, ...]:
    """Digests of the tables of an intent and of everything made of them, sorted, whether still there or not.

    What was also made of another table, with the same bytes, stays: it tells nothing of who is not in that one. A
    protected table in which the person was found goes in any case.
    """
    lineage = lineage_of(workspace.book.all())

    def made(sources: Sequence[Digest]) -> set[Digest]:
        found = (item for source in sources for one in lineage.downstream(source) for item in one.outputs.items())
        return {digest for digest, name in found if name != SubjectKind.RELEASE}

    clean = [digest for digest in stored_sources(workspace) if digest not in intent.sources]
    kept = {*clean, *made(clean), *_released(workspace, keep=True, models=intent.models)}
    found = (*intent.sources, *intent.tables)
    gone = {*found, *made((*intent.files, *found)), *_released(workspace, keep=False, models=intent.models)}
    return tuple(sorted({*(gone - kept), *intent.tables}))


def objects_there(workspace: Workspace, digests: Collection[Digest]) -> list[Address]:
    """Addresses under which something of these ``digests`` is still stored, sorted."""
    tables = [Address(_COLUMNS, digest) for digest in column_store_of(workspace).list() if digest in digests]
    stored = [address for address in workspace.vault.list() if address.digest in digests and address.kind != _COLUMNS]
    return sorted([*tables, *stored])


def destroy_objects(workspace: Workspace, doomed: Sequence[Address]) -> None:
    """Destroy data keys, then objects. May be stopped at any point and done again."""
    columns = column_store_of(workspace)
    for address in doomed:
        if address.kind == _COLUMNS:
            columns.destroy(address.digest)
        else:
            workspace.vault.destroy(address.digest, address.kind)


def clear_unfinished(workspace: Workspace, intent: Intent) -> None:
    """Remove what runs that were killed left: training rows in clear, a table stored by half, products unaccounted for.

    A product is stored before the evidence of it; without that nobody knows whom it was made of.
    """
    clear_abandoned()
    for digest in intent.files:
        workspace.vault.destroy(digest, SOURCE)
    told = {
        digest for a in workspace.book.all() for digest in (*a.evidence.products.values(), a.evidence.subject.digest)
    }
    for address in workspace.vault.list():
        if address.kind.startswith(_PRODUCTS) and address.digest not in told:
            workspace.vault.destroy(address.digest, address.kind)


def revoke_releases(workspace: Workspace, intent: Intent, current: Digest | None) -> tuple[str, ...]:
    """Revoke every release of the intent's models, except of the ``current`` one; return their names, old ones too."""
    book = workspace.book
    known = {a.evidence.subject.digest for a in book.all() if a.roles and a.evidence.control.id == REVOKE_CONTROL}
    found = [p for p in _of_models(workspace, intent.models) if p.model != current]
    for publication in found:
        if publication.envelope not in known:
            book.append(revocation_of(publication, REASON, workspace.clock()), workspace.keys.signer(Role.RELEASER))
    workspace.remember()
    return tuple(p.folder for p in found)


def _of_models(workspace: Workspace, models: Sequence[Digest]) -> list[Publication]:
    return [p for p in publications(workspace.book, workspace.project.name) if p.model in models]


def _released(workspace: Workspace, *, keep: bool, models: Sequence[Digest]) -> set[Digest]:
    """Digests of the files sealed into releases: of these ``models``, or with ``keep`` of all others."""
    digests: set[Digest] = set()
    for publication in publications(workspace.book, workspace.project.name):
        folder = workspace.releases / publication.folder
        if (publication.model in models) is not keep and folder.is_dir():
            digests |= set(read_release(folder).manifest.opened.values())
    return digests
