"""A project's data sets: where they are stored by column, who may see what, and reading them on record.

Beside the workspace, and not in it: whoever serves a release opens no table.
"""

from secmlops.access.data_administration import DataAdministration
from secmlops.access.data_right_book import DataRightBook
from secmlops.access.data_right_entries import append_right
from secmlops.access.data_rights import DataRight
from secmlops.access.keys import MAC_PURPOSE
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Evidence
from secmlops.core.policy import Attested
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.columns.catalogue import StoredDataSet
from secmlops.data.columns.guarded import GuardedColumns
from secmlops.data.columns.store import ColumnStore
from secmlops.data.differential_privacy.desk import AccountBook, PrivacyDesk
from secmlops.data.differential_privacy.shelf import Shelf
from secmlops.data.protection.actions import Action
from secmlops.data.protection.control import Protect
from secmlops.data.protection.reveal import Pseudonyms, RevealDesk
from secmlops.data.protection.reversal_keys import ReversalKeys
from secmlops.ledger.memory import CheckpointMemory
from secmlops.lifecycle.registry import configure
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace, key_folder


def column_store_of(workspace: Workspace) -> ColumnStore:
    """The project's data sets, encrypted by column, beside its vault."""
    return ColumnStore.local(workspace.vault_folder, workspace.keys, workspace.identity)


def data_rights_of(workspace: Workspace) -> DataRightBook:
    """Who may see or destroy which columns."""
    return DataRightBook(workspace.ledger, workspace.keys.ring, workspace.keys.mac_key(MAC_PURPOSE))


def data_administration_of(workspace: Workspace) -> DataAdministration:
    """The changes that can be made to rights on data sets; each is in the ledger, and remembered, when it is done."""

    def append(right: DataRight) -> None:
        append_right(workspace.ledger, right, workspace.keys.signer(Role.GATEWAY))
        workspace.remember()

    return DataAdministration(data_rights_of(workspace), workspace.clock, append)


def guarded_columns_of(workspace: Workspace) -> GuardedColumns:
    """The project's columns, for those who may; what is done with them is in the ledger before it is done."""

    def record(evidence: Evidence) -> None:
        workspace.book.append(evidence, workspace.keys.signer(Role.ENGINEER))
        workspace.remember()

    return GuardedColumns(column_store_of(workspace), data_rights_of(workspace), record, workspace.clock)


def reveal_desk_of(workspace: Workspace) -> RevealDesk:
    """Where pseudonyms of the project are reversed; each time is in the ledger before a value is given out."""

    def record(evidence: Evidence) -> None:
        workspace.book.append(evidence, workspace.keys.signer(Role.ENGINEER))
        workspace.remember()

    return RevealDesk(ReversalKeys(workspace.vault), data_rights_of(workspace), record, workspace.clock)


def pseudonyms_of(workspace: Workspace, dataset: StoredDataSet, column: str) -> Pseudonyms:
    """Pseudonyms of a column; raises InputError when the project file does not make them reversible."""
    project = workspace.project
    action = project.data.protect.get(column)
    if action is not Action.REVERSIBLE:
        told = f"the column {column!r} is not pseudonymised reversibly"
        hint = f"data.protect says {action}" if action else "data.protect does not name it"
        raise InputError(told, where=dataset.name, hint=hint)
    control = configure(Protect.id, project.controls.get(Protect.id, {}))
    if not isinstance(control, Protect):
        raise InputError("the installed data.protect is not the one that made these pseudonyms", where=dataset.name)
    return Pseudonyms(dataset.subject, column, control.domain(dataset.name, column))


def privacy_desk_of(workspace: Workspace) -> PrivacyDesk:
    """Where releases under differential privacy are asked for; the account is in the project's ledger.

    Of several copies of the project only the one that spent last may go on spending.
    """
    copies = CheckpointMemory(key_folder() / "checkpoints", workspace.keys.ring().keys(Role.LOG), "privacy budget")

    def record(evidence: Evidence) -> Attested:
        recorded = workspace.book.append(evidence, workspace.keys.signer(Role.ENGINEER))
        workspace.remember()
        return recorded

    project = Subject(SubjectKind.PROJECT, workspace.project.name, Digest.of(workspace.identity.encode()))
    book = AccountBook(workspace.book.all, record, lambda: copies.continuing(workspace.ledger), Shelf(workspace.vault))
    return PrivacyDesk(project, data_rights_of(workspace), book, workspace.clock)
