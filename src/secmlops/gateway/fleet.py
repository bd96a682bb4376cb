"""What is served now: the models by name and version, kept in step with what the ledger says of their releases."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from secmlops.core.errors import SecmlopsError
from secmlops.core.finding import Finding, Severity
from secmlops.gateway.alarms import Alarms
from secmlops.gateway.exchange import Refused
from secmlops.gateway.served import Served

logger = logging.getLogger("secmlops.gateway")
WITHDRAWN = "serving.withdrawn"
RELOADED = "serving.reload"
INTEGRITY = "serving.integrity"


class Source(Protocol):
    """Where a served release comes from, and what is known of it since."""

    def load(self) -> Served:
        """Release, ready to answer; raises VerificationError when it does not verify."""
        ...

    def newer(self, served: Served, /) -> Served | None:
        """Release that takes the place of ``served``, loaded; None while there is none."""
        ...

    def obstacle(self, served: Served, /) -> str:
        """Why ``served`` may not answer any more, or the empty text."""
        ...

    def changed(self, served: Served, /) -> bool:
        """Whether its files on disk are no longer those that were loaded."""
        ...


@dataclass(frozen=True, slots=True)
class _Berth:
    """One release that is served, and where it came from; ``obstacle`` says why it answers no more."""

    source: Source
    served: Served
    obstacle: str = ""


def _nobody(_: Served, /) -> None:
    """Listen to nothing."""


class Fleet:
    """The models that are served. Finding one is a look into a table; the table is replaced as a whole.

    ``refresh`` is called twice a second, off the way of the requests. It never ends what is under way: a request keeps
    the release that it found.
    """

    def __init__(self, sources: Iterable[Source], alarms: Alarms) -> None:
        self._alarms = alarms
        self._berths = [_Berth(source, source.load()) for source in sources]
        self._told: dict[int, str] = {}
        self._listener: Callable[[Served], None] = _nobody
        self._table: Mapping[tuple[str, str], _Berth] = {}
        self._lay_out()

    @property
    def served(self) -> list[Served]:
        """Everything that is loaded, in the order of the sources."""
        return [berth.served for berth in self._berths]

    @property
    def ready(self) -> bool:
        """Whether everything that is loaded may answer."""
        return all(not berth.obstacle for berth in self._berths)

    def tell(self, listener: Callable[[Served], None]) -> None:
        """Call ``listener`` with every release that is loaded, now and later, before it answers anyone."""
        self._listener = listener
        for served in self.served:
            listener(served)

    def names(self) -> list[str]:
        """Names of the models, each once."""
        return list(dict.fromkeys(served.name for served in self.served))

    def find(self, parameters: Mapping[str, str]) -> Served:
        """Release that is asked for by ``name`` and perhaps ``version``; raises Refused 404, or 503 when withdrawn."""
        berth = self._table.get((parameters["name"], parameters.get("version", "")))
        if berth is None:
            raise Refused(404)
        if berth.obstacle:
            raise Refused(503, "the release was withdrawn")
        return berth.served

    def only(self) -> Served:
        """The one model that is served; raises Refused 404 where there are several and the path must name one."""
        names = self.names()
        if len(names) != 1:
            raise Refused(404)
        return self.find({"name": names[0]})

    def refresh(self) -> None:
        """Take in what the ledger says now, and what lies on disk."""
        self._berths = [self._refreshed(place, berth) for place, berth in enumerate(self._berths)]
        self._lay_out()

    def _refreshed(self, place: int, berth: _Berth) -> _Berth:
        served = berth.served
        try:
            newer = berth.source.newer(served)
            if newer is not None:
                self._listener(newer)
                self._alarms.note(RELOADED, newer.subject, f"takes the place of {served.subject.name}")
                return _Berth(berth.source, newer)
            obstacle = berth.source.obstacle(served)
        except SecmlopsError as error:
            self._tell(place, served, f"cannot be kept up: {error}", RELOADED)
            return berth
        if obstacle and not berth.obstacle:
            self._tell(place, served, obstacle, WITHDRAWN)
        if not obstacle and berth.source.changed(served):
            self._tell(place, served, "its files on disk were changed; the verified bytes are served on", INTEGRITY)
        return _Berth(berth.source, served, obstacle)

    def _tell(self, place: int, served: Served, what: str, control: str) -> None:
        if self._told.get(place) != what:
            self._told[place] = what
            self._alarms.alarm(control, served.subject, Finding(control, Severity.ERROR, what, served.subject.name))

    def _lay_out(self) -> None:
        table: dict[tuple[str, str], _Berth] = {}
        for berth in self._berths:  # of several versions the first named one answers where no version is asked for
            table.setdefault((berth.served.name, ""), berth)
            table.setdefault((berth.served.name, berth.served.version), berth)
        self._table = table
