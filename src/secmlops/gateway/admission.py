"""Who is let in: the network a request comes from, the identity behind its credentials, what that identity may do."""

import math
from collections.abc import Mapping
from typing import NoReturn

from secmlops.access.identity import Identity
from secmlops.access.permissions import Action
from secmlops.gateway.clients import Clients
from secmlops.gateway.exchange import Refused
from secmlops.gateway.fleet import Fleet
from secmlops.gateway.metrics import Metrics
from secmlops.gateway.rights import Rights, bearer_of
from secmlops.gateway.routes import SERVER
from secmlops.serving.limits import ADDRESS, Limiter, Refusal
from secmlops.serving.networks import Networks, site_of


class Admission:
    """The checks of the door, each cheaper than the one after it."""

    def __init__(
        self, rights: Rights, fleet: Fleet, networks: Networks, guards: tuple[Limiter, Clients], metrics: Metrics
    ) -> None:
        self._rights = rights
        self._fleet = fleet
        self._networks = networks
        self._limiter, self._clients = guards
        self._metrics = metrics

    @property
    def current(self) -> bool:
        """Whether it is known who has access."""
        return self._rights.current

    def knock(self, address: str, now: float) -> None:
        """Let an address come to the door; raises Refused 403 or 429. ``now`` is in seconds that only grow."""
        if not self._networks.admits(address):
            self._metrics.event("refused", "network")
            raise Refused(403)
        site = site_of(address)
        if self._clients.blocked(f"{ADDRESS}{site}", now):
            self._metrics.event("refused", "blocked")
            raise Refused(403)
        refusal = self._limiter.knock(site, now)
        if refusal is not None:
            self._hold("address", refusal, stands=True)

    def identify(self, headers: Mapping[bytes, bytes], certificate: str | None, address: str, now: float) -> Identity:
        """Identity behind a bearer token or a client certificate; raises Refused 401, or 503 with rights unknown."""
        if not self._rights.current:
            raise Refused(503, "who has access cannot be read")
        authorization = headers.get(b"authorization", b"")
        identity = self._rights.identity(authorization, certificate)
        if identity is None:
            self._metrics.event("refused", "credentials")
            self._clients.failed(site_of(address), bearer_of(authorization), now)
            raise Refused(401)
        return identity

    def authorise(self, identity: Identity, action: Action | None, resource: str, now: float) -> None:
        """Let the identity do this; raises Refused 401 when it may not, 429 when it asks too much.

        A route that names no model is for whoever may do this to the server, or to any model that is served.
        """
        blocked = self._clients.blocked(identity.id, now)
        if (
            action is None
            or blocked
            or not (identity.may(action, resource) or self._may_any(identity, action, resource))
        ):
            self._metrics.event("refused", "rights")
            raise Refused(401)
        refusal = self._limiter.admit(identity.id, identity.limits, 1, now)
        if refusal is not None:
            self._hold("identity", refusal, stands=True)

    def enter(self, identity: Identity) -> None:
        """Begin a request of the identity; raises Refused 429 when too many of its own are under way."""
        refusal = self._limiter.enter(identity.id)
        if refusal is not None:
            self._hold("concurrency", refusal)

    def charge(self, identity: Identity, rows: int, now: float) -> None:
        """Charge the rows beyond the first, once they are known; raises Refused 429."""
        refusal = self._limiter.admit(identity.id, identity.limits, rows - 1, now, begun=1) if rows > 1 else None
        if refusal is not None:
            self._hold("identity", refusal)

    def _may_any(self, identity: Identity, action: Action, resource: str) -> bool:
        return resource == SERVER and any(identity.may(action, f"model:{name}") for name in self._fleet.names())

    def _hold(self, kind: str, refusal: Refusal, *, stands: bool = False) -> NoReturn:
        """Raise Refused 429; a refusal of a single row ``stands`` until its time, for none asks for less."""
        self._metrics.event("limited", kind)
        wait_s = refusal.retry_after_s
        retry_after = b"%d" % max(1, math.ceil(wait_s))
        raise Refused(429, refusal.what, ((b"retry-after", retry_after),), wait_s if stands else 0.0)
