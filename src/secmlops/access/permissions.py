"""What may be done to what: actions, resources, and the patterns that stand for several of them.

A resource is written ``kind:name``, such as ``model:credit-risk`` or ``data:applications/income``. A pattern is such a
name, or begins like one and ends with ``*``, which stands for any further characters: ``model:credit-*``. The same
holds for actions: ``data.*``.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from secmlops.core.errors import InputError

_ACTION = re.compile(r"\*|[a-z]+(?:[.-][a-z]+)*(?:\.\*)?", re.ASCII)
_RESOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}\*?|\*", re.ASCII)


class Action(StrEnum):
    """The actions that are known here.

    An action is a text: another room may ask about one of its own, written ``room.verb``, and a role may allow it.
    """

    READ = "read"
    PREDICT = "predict"
    EXPLAIN = "explain"
    RECEIPT = "receipt"
    METRICS = "metrics"
    STATUS = "status"
    DATA_READ = "data.read"
    DATA_WRITE = "data.write"
    DATA_REVEAL = "data.reveal"
    MODEL_TRAIN = "model.train"
    MODEL_VALIDATE = "model.validate"
    MODEL_APPROVE = "model.approve"
    MODEL_SERVE = "model.serve"
    EVIDENCE_READ = "evidence.read"
    INCIDENT_ANSWER = "incident.answer"
    ACCESS_READ = "access.read"
    ACCESS_MANAGE = "access.manage"


IMPLIED: Mapping[str, str] = MappingProxyType({Action.RECEIPT: Action.PREDICT})
"""Actions that come with another one: whoever may predict may fetch the receipts of their own predictions."""


class Permission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Leave to do what fits ``action`` to what fits ``resource``."""

    action: str
    resource: str

    def allows(self, action: str, resource: str) -> bool:
        """Whether this permission covers doing ``action`` to ``resource``."""
        return allows_action(self.action, action) and fits(self.resource, resource)

    @classmethod
    def read(cls, text: str) -> "Permission":
        """Permission written ``ACTION RESOURCE``; raises InputError for anything else, such as an unknown action."""
        action, _, resource = text.strip().partition(" ")
        check_action(action)
        check_resource(resource.strip())
        return cls(action, resource.strip())

    def __str__(self) -> str:
        return f"{self.action} {self.resource}"


def fits(pattern: str, text: str) -> bool:
    """Whether ``pattern`` is ``text``, or ends with ``*`` and ``text`` begins like it."""
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern


def allows_action(pattern: str, action: str) -> bool:
    """Whether ``pattern`` covers ``action``, or another one that it comes with."""
    return fits(pattern, action) or fits(pattern, IMPLIED.get(action, action))


def check_action(pattern: str) -> None:
    """Raise InputError for what is no action nor pattern: a word of one part must be an action that is known here."""
    known = "." in pattern or pattern == "*" or pattern in set(Action)
    if not known or len(pattern) > 64 or not _ACTION.fullmatch(pattern):
        hint = f"one of {', '.join(Action)}; another room's is written room.verb, a pattern room.*"
        raise InputError(f"{pattern[:64]!r} is no action", hint=hint)


def check_resource(pattern: str) -> None:
    """Raise InputError for what is neither a resource nor a pattern of resources."""
    if not _RESOURCE.fullmatch(pattern):
        hint = "for example model:credit-risk, model:credit-*, data:applications/income or *"
        raise InputError(f"{pattern[:80]!r} is no resource", hint=hint)
