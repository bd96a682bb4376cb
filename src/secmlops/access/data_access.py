"""Deciding who may view or modify which columns of a data set, and saying why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from secmlops.access.data_rights import ACTIONS, DataRights, Holder, Right
from secmlops.access.directory import Directory
from secmlops.access.identity import Identity
from secmlops.access.permissions import allows_action
from secmlops.access.roles import BUILT_IN
from secmlops.access.state import AccessState
from secmlops.core.errors import InputError

DATA = "data:"
OPERATOR = "operator"


def resource_of(dataset: str, column: str) -> str:
    """How a permission names a column: ``data:applications.csv/income``.

    What else than letters, digits and ``._@-`` is in a name is written in percent (RFC 3986, section 2.1), a slash of
    the column's name too, so that no two columns have one name.
    """
    return f"{DATA}{quote(dataset, safe='/._@-')}/{quote(column, safe='._@-')}"


@dataclass(frozen=True, slots=True)
class Held:
    """What a user or role may do with a data set: columns by right, each with the reason."""

    holder: Holder
    view: dict[str, str]
    modify: dict[str, str]


class DataAccess:
    """Decisions at one moment; a refresh of the book makes another one."""

    def __init__(self, state: AccessState, directory: Directory, rights: DataRights) -> None:
        self._state = state
        self._directory = directory
        self.rights = rights

    def identity(self, user: str) -> Identity:
        """Identity of a user on this machine; raises InputError when there is no such user."""
        roles = self._directory.user_roles(user)
        if roles is None:
            raise InputError(f"there is no user {user[:64]!r}", hint="secmlops access users list shows them")
        return self._directory.identity(f"user:{user}", user, roles)

    def acting(self, user: str | None) -> Identity:
        """Identity of the user, or, in a project that never had users, of the operator: whoever holds its keys.

        The operator may do with data what an engineer may. Raises InputError when there is no such user, and when
        nobody is named in a project with users.
        """
        if user is not None:
            return self.identity(user)
        if self._state.users:
            raise InputError("who asks?", hint="this project has users: name one with --as USER")
        return self._directory.identity(OPERATOR, OPERATOR, ("engineer",))

    def known(self, holder: Holder) -> Holder:
        """Return the holder; raises InputError when there is no such user or role."""
        if holder not in (*self._users(), *self._roles()):
            hint = f"secmlops access {holder.kind}s list shows them"
            raise InputError(f"there is no {holder.kind} {holder.name[:64]!r}", hint=hint)
        return holder

    def allowed(self, identity: Identity, dataset: str, right: Right, columns: Iterable[str]) -> dict[str, str]:
        """Those of the columns that the identity may view or modify, each with the reason."""
        reasons = {column: self._why(identity, dataset, right, column) for column in columns}
        return {column: why for column, why in reasons.items() if why}

    def holders(self, dataset: str, columns: Sequence[str]) -> list[Held]:
        """Everybody who may do something with these columns: users first, then roles, by name."""
        held = []
        for holder in (*self._users(), *self._roles()):
            roles = (holder.name,) if holder.kind == "role" else self._directory.user_roles(holder.name) or ()
            name = "" if holder.kind == "role" else holder.name
            identity = self._directory.identity(str(holder), name, roles)
            view, modify = (self.allowed(identity, dataset, right, columns) for right in (Right.VIEW, Right.MODIFY))
            if view or modify:
                held.append(Held(holder, view, modify))
        return held

    def _why(self, identity: Identity, dataset: str, right: Right, column: str) -> str:
        """Say what gives the identity this right, or nothing."""
        action = ACTIONS[right]
        if not any(allows_action(scope, action) for scope in identity.narrowed_to):
            return ""
        for holder in (Holder("user", identity.name), *(Holder("role", role) for role in sorted(identity.roles))):
            given = self.rights.get(dataset, holder)
            if given is not None and given.covers(right, column):
                return f"granted to {holder}"
        for role in sorted(identity.roles):
            for permission in self._directory.identity("", "", (role,)).permissions:
                if permission.allows(action, resource_of(dataset, column)):
                    return f"role {role} allows {permission}"
        return ""

    def _users(self) -> list[Holder]:
        return [Holder("user", name) for name, user in sorted(self._state.users.items()) if not user.removed]

    def _roles(self) -> list[Holder]:
        own = [name for name, role in self._state.roles.items() if not role.removed]
        return [Holder("role", name) for name in sorted({*BUILT_IN, *own})]
