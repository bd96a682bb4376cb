"""Who asks, and what they may do: made once when rights change, then only looked up."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from secmlops.access.limits import Limits
from secmlops.access.permissions import Permission, allows_action, fits

MODEL = "model:"
_REMEMBERED = 1024
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: what the record names (``id``), who that is (``name``), and what they may do.

    ``id`` is ``key:`` and the key's id, ``token:`` and keyed digests of issuer and subject, or ``cert:`` and the first
    16 digits of the certificate's SHA-256; it tells nothing about the person. ``permissions`` are those of the roles.
    ``narrowed_to`` and ``models`` narrow them: the action must fit one of the former, and a model's name one of the
    latter.
    """

    id: str
    name: str
    roles: frozenset[str] = frozenset()
    permissions: tuple[Permission, ...] = ()
    limits: Limits | None = None
    narrowed_to: tuple[str, ...] = ("*",)
    models: tuple[str, ...] = ("*",)
    _decided: dict[tuple[str, str], bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def may(self, action: str, resource: str) -> bool:
        """Whether a permission allows this action on this resource, and nothing narrows it away; no otherwise.

        Decided once for each pair, then looked up. However many resources are asked about, what is kept is bounded.
        """
        decided = self._decided.get((action, resource))
        return self._decide(action, resource) if decided is None else decided

    def _decide(self, action: str, resource: str) -> bool:
        decided = (
            any(permission.allows(action, resource) for permission in self.permissions)
            and any(allows_action(scope, action) for scope in self.narrowed_to)
            and (not resource.startswith(MODEL) or _among(self.models, resource.removeprefix(MODEL)))
        )
        if len(self._decided) < _REMEMBERED and len(action) + len(resource) <= _LONGEST:
            self._decided[action, resource] = decided
        return decided


def _among(patterns: Iterable[str], name: str) -> bool:
    return any(fits(pattern, name) for pattern in patterns)
