"""Who asks about a person: whether they may, and that they did, on record before anything is told.

To look a person up takes the right to view the column that names persons; to give out a copy of their rows, the right
to view every column; to erase them, the right to modify every column. Rights count on the source in the project file.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from secmlops.access.data_rights import ALL, Right
from secmlops.core.errors import GateShutError
from secmlops.core.evidence import Evidence
from secmlops.data_subject.holding import Holding, commitments_of, find_person, subject_column
from secmlops.data_subject.record import exported, found, nothing_held, project_subject, refused
from secmlops.datasets import data_rights_of
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who may do what was asked for; ``id`` is how the record names them."""

    id: str

    def look_up(self, workspace: Workspace, person: str) -> Holding:
        """What is held on the person; that it was asked for is put on record, without the name."""
        holding = find_person(workspace, person)
        project = project_subject(workspace.project.name, workspace.identity)
        _record(workspace, (nothing_held if holding.nothing else found)(holding, project, self.id, workspace.clock()))
        return holding

    def give_out(self, workspace: Workspace, holding: Holding) -> int:
        """Put on record that a copy is given out; returns the entry."""
        project = project_subject(workspace.project.name, workspace.identity)
        return _record(workspace, exported(holding, project, self.id, workspace.clock()))


def may_find(workspace: Workspace, user: str | None, person: str) -> Asker:
    """Asker who may look a person up; raises GateShutError for anybody else, InputError for an unknown user.

    Without a ``user`` it is the operator, as long as the project has no users.
    """
    return _allowed(workspace, user, Right.VIEW, (subject_column(workspace),), person)


def may_export(workspace: Workspace, user: str | None, person: str) -> Asker:
    """Asker who may see every column; raises as ``may_find``."""
    return _allowed(workspace, user, Right.VIEW, (ALL,), person)


def may_erase(workspace: Workspace, user: str | None, person: str | None = None) -> Asker:
    """Asker who may modify every column, and look a named person up; raises as ``may_find``."""
    if person is not None:
        may_find(workspace, user, person)
    return _allowed(workspace, user, Right.MODIFY, (ALL,), person)


def _allowed(workspace: Workspace, user: str | None, right: Right, columns: Sequence[str], person: str | None) -> Asker:
    access, source = data_rights_of(workspace).refresh(), workspace.project.data.source
    identity = access.acting(user)
    if len(access.allowed(identity, source, right, columns)) < len(columns):
        about = commitments_of(workspace).of(person) if person is not None else None
        project = project_subject(workspace.project.name, workspace.identity)
        _record(workspace, refused(about, project, f"{identity.id}: no right to {right}", workspace.clock()))
        what = "every column" if columns == (ALL,) else f"column {columns[0]!r}"
        hint = "secmlops data grant gives a right, on every column without --columns; a role can allow it, too"
        raise GateShutError(f"{identity.name} has no right to {right} {what}", where=source, hint=hint)
    return Asker(identity.id)


def _record(workspace: Workspace, said: Evidence) -> int:
    entry = workspace.book.append(said, workspace.keys.signer(Role.ENGINEER)).index
    workspace.remember()
    return entry
