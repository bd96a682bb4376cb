"""The watch on clients while serving: what they ask is looked at a moment later, and what is suspected is answered.

Nobody waits for the watch. Queries are kept in a bounded queue and looked at every ``INTERVAL_S``; when there are more
than can be looked at, the oldest are passed over, and counted as such.
"""

from collections import deque
from collections.abc import Iterable

from secmlops.core.digest import Digest
from secmlops.core.finding import Finding, Severity
from secmlops.core.subject import Subject, SubjectKind
from secmlops.detect.clients.alarm import AlarmKind
from secmlops.gateway.alarms import Alarms
from secmlops.gateway.metrics import Metrics
from secmlops.gateway.served import Served
from secmlops.serving.limits import ADDRESS, Limiter
from secmlops.serving.sanctions import Sanctions
from secmlops.serving.watch import Query, Suspicion, Watch, WatchAnswer, WatchSettings

INTERVAL_S = 0.1
CONTROL = "serving.watch"
_MOST_WAITING = 4096
_AT_ONCE = 64
_TRIED = frozenset({400, 404, 405, 413, 415})
"""What someone gets who tries out what is there."""


class Clients:
    """Everyone who asks, and what is done about those who are suspected."""

    def __init__(
        self, watch: Watch, settings: WatchSettings, limiter: Limiter, alarms: Alarms, metrics: Metrics
    ) -> None:
        self._watch = watch
        self._settings = settings
        self._limiter = limiter
        self._alarms = alarms
        self._metrics = metrics
        self._queries: deque[Query] = deque()
        self._blocked = Sanctions()
        self._hardened = Sanctions()
        self._told = Sanctions()

    def learn(self, served: Served) -> None:
        """Take in what honest requests to a release look like, before the first of them."""
        self._watch.learn(served.key, served.habits, served.signature)

    def keep(self, served: Iterable[Served]) -> None:
        """Watch who asks these releases, and forget all others."""
        self._watch.keep({one.key for one in served})

    def seen(self, query: Query) -> None:
        """Take in a query that was answered."""
        if self._watch.spares(query):
            return
        if len(self._queries) >= _MOST_WAITING:
            self._queries.popleft()
            self._metrics.event("lost", "query")
        self._queries.append(query)

    def failed(self, address: str, presented: str, now: float) -> None:
        """Take in credentials that were refused."""
        self._answer(self._watch.failed(f"{ADDRESS}{address}", presented, now), now)

    def refused(self, who: str, path: str, status: int, now: float) -> None:
        """Take in a request of ``who`` that could not be used, or asked for something that is not there."""
        if status in _TRIED:
            self._answer(self._watch.refused(who, path, now), now)

    def look(self, now: float) -> bool:
        """Look at some of what was asked meanwhile; whether there is more."""
        queries = [self._queries.popleft() for _ in range(min(_AT_ONCE, len(self._queries)))]
        if queries:
            self._answer(self._watch.queries(queries), now)
        return bool(self._queries)

    def blocked(self, who: str, now: float) -> bool:
        """Whether nothing more is answered to ``who``."""
        return bool(self._blocked) and self._blocked.severity(who, now) > 0

    def hardened(self, who: str, now: float) -> bool:
        """Whether ``who`` sees hardened outputs only."""
        return bool(self._hardened) and self._hardened.severity(who, now) > 0

    def _answer(self, suspicions: list[Suspicion], now: float) -> None:
        for suspicion in suspicions:
            until = now + self._settings.minutes * 60
            if suspicion.answer is WatchAnswer.BLOCK:
                self._blocked.impose(suspicion.who, now, until)
            elif suspicion.answer is WatchAnswer.HARDEN:
                self._hardened.impose(suspicion.who, now, until)
            elif suspicion.answer is WatchAnswer.TIGHTEN:
                self._limiter.tighten(suspicion.who, self._settings.factor, now, until)
            if self._is_news(suspicion, now, until):
                self._tell(suspicion)

    def _is_news(self, suspicion: Suspicion, now: float, until: float) -> bool:
        """Whether it was not told before, for as long as answers hold: a client could fill the ledger with its alarms.

        A budget that is used up again is always news.
        """
        once = f"{suspicion.kind} {suspicion.who}"
        if suspicion.kind != AlarmKind.VOLUME and self._told.severity(once, now):
            self._metrics.event("again", suspicion.kind)
            return False
        self._told.impose(once, now, until)
        return True

    def _tell(self, suspicion: Suspicion) -> None:
        """Leave evidence about the client: its id is no personal data, an address is told as a keyed digest only.

        The digest is that of the name for the same reason: there are few enough addresses to try them all.
        """
        subject = Subject(SubjectKind.ENDPOINT, suspicion.name, Digest.of(suspicion.name.encode()))
        message = f"{suspicion.kind}: {suspicion.message}"
        finding = Finding(f"{CONTROL}.{suspicion.kind}", Severity.ERROR, message, hint=f"answered: {suspicion.answer}")
        measures = {"strength": suspicion.strength, "requests": float(suspicion.requests)}
        self._alarms.alarm(CONTROL, subject, finding, measures)
