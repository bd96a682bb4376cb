"""Roles: each a set of permissions under a name. Some are built in; a project adds its own.

No built-in role may do everything: whoever builds a model may neither approve it nor reverse the pseudonyms in its
data. A person who holds several duties is given several roles, by name.
"""

from collections.abc import Mapping
from types import MappingProxyType

from secmlops.access.permissions import Action, Permission

CALLER = "caller"


def _allowed(resource: str, *actions: Action) -> tuple[Permission, ...]:
    return tuple(Permission(str(action), resource) for action in actions)


_LOOK = _allowed("*", Action.STATUS) + _allowed("model:*", Action.READ)

BUILT_IN: Mapping[str, tuple[Permission, ...]] = MappingProxyType(
    {
        "viewer": _LOOK,
        CALLER: _allowed("model:*", Action.READ, Action.PREDICT, Action.EXPLAIN, Action.RECEIPT),
        "engineer": _LOOK
        + _allowed("model:*", Action.PREDICT, Action.EXPLAIN, Action.RECEIPT, Action.MODEL_TRAIN)
        + _allowed("data:*", Action.DATA_READ, Action.DATA_WRITE),
        "revealer": _LOOK + _allowed("data:*", Action.DATA_REVEAL),
        "validator": _LOOK
        + _allowed("model:*", Action.PREDICT, Action.EXPLAIN, Action.RECEIPT)
        + _allowed("model:*", Action.MODEL_VALIDATE, Action.MODEL_APPROVE)
        + _allowed("*", Action.EVIDENCE_READ),
        "security": _LOOK
        + _allowed("*", Action.METRICS, Action.EVIDENCE_READ, Action.ACCESS_READ, Action.INCIDENT_ANSWER),
        "operator": _LOOK + _allowed("*", Action.METRICS) + _allowed("model:*", Action.MODEL_SERVE),
        "auditor": _LOOK + _allowed("*", Action.METRICS, Action.EVIDENCE_READ, Action.ACCESS_READ),
        "admin": _LOOK + _allowed("*", Action.METRICS, Action.ACCESS_READ, Action.ACCESS_MANAGE),
    }
)
"""The roles that every project has. Their names cannot be taken by others."""
