"""The table of routes: what is answered, by whom it may be asked, and nothing that is not in the table."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from secmlops.access.permissions import Action
from secmlops.core.errors import InputError
from secmlops.gateway.exchange import Refused, Request, Response

PUBLIC = frozenset({("GET", "/v2/health/live"), ("GET", "/v2/health/ready")})
"""What is open to everyone is named here and nowhere else, so a route that is added later is shut by default."""
SERVER = "server"
"""The resource of routes that name no model."""
_REMEMBERED = 1024
_LONGEST = 256

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Rule(Generic[State]):
    """One route: what it answers to, and the action that a caller must be allowed; None only for what is public."""

    method: str
    path: str
    action: Action | None
    handler: Callable[[State, Request], Awaitable[Response]]

    @property
    def summary(self) -> str:
        """What the route does, in a line."""
        return (self.handler.__doc__ or "").partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Match(Generic[State]):
    """The rule that a path falls under, the parts the path names, and the resource that is asked for."""

    rule: Rule[State]
    parameters: Mapping[str, str]
    resource: str


class RouteTable(Generic[State]):
    """Rules by method and path. Raises InputError for one that needs no right and is not public, or the reverse."""

    def __init__(self, rules: Iterable[Rule[State]]) -> None:
        self.rules = tuple(rules)
        for rule in self.rules:
            if (rule.action is None) is not ((rule.method, rule.path) in PUBLIC):
                what = f"the route {rule.method} {rule.path} needs the right {rule.action}"
                raise InputError(what, hint="name an action, or name it among the public ones")
        self._patterns = [(_pattern(rule.path), rule) for rule in self.rules]
        self._known: dict[tuple[str, str], Match[State]] = {}

    def match(self, method: str, path: str) -> Match[State]:
        """Find the rule of a request; raises Refused 404, or 405 with the methods that are offered."""
        known = self._known.get((method, path))
        if known is not None:
            return known
        found = [(rule, hit) for pattern, rule in self._patterns if (hit := pattern.fullmatch(path))]
        if not found:
            raise Refused(404)
        for rule, hit in found:
            if rule.method == method:
                parameters = hit.groupdict()
                match = Match(rule, parameters, f"model:{parameters['name']}" if "name" in parameters else SERVER)
                if len(path) <= _LONGEST:
                    self._remember(method, path, match)
                return match
        allowed = ", ".join(sorted({rule.method for rule, _ in found}))
        raise Refused(405, headers=((b"allow", allowed.encode()),))

    def _remember(self, method: str, path: str, match: Match[State]) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[method, path] = match


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))
