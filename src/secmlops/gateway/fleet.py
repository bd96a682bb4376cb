"""What is served now: the models by name and version, kept in step with what the ledger says of their releases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from secmlops.core.errors import SecmlopsError
from secmlops.core.finding import Finding, Severity
from secmlops.gateway.alarms import Alarms
from secmlops.gateway.exchange import Refused
from secmlops.gateway.served import Served

WITHDRAWN = "serving.withdrawn"
RELOADED = "serving.reload"
INTEGRITY = "serving.integrity"
_PAUSE = 20


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
    """One release that is served, and where it came from; ``obstacle`` says why it answers no more.

    ``troubles`` are what the operator was told of, by the control that found it. ``pause`` is how many times nothing
    newer is looked for, after something newer could not be taken.
    """

    source: Source
    served: Served
    obstacle: str = ""
    troubles: Mapping[str, str] = field(default_factory=dict)
    pause: int = 0


class Listener(Protocol):
    """Who must know what is served."""

    def learn(self, served: Served, /) -> None:
        """Take in a release that is loaded, before it answers anyone; raises SecmlopsError where it must not answer."""
        ...

    def keep(self, served: Sequence[Served], /) -> None:
        """Forget all releases but these, which are all that answer from now on."""
        ...


class Fleet:
    """The models that are served. Finding one is a look into a table; the table is replaced as a whole.

    ``refresh`` is called twice a second, off the way of the requests. It never ends what is under way: a request keeps
    the release that it found.
    """

    def __init__(self, sources: Iterable[Source], alarms: Alarms) -> None:
        self._alarms = alarms
        self._berths = [_Berth(source, source.load()) for source in sources]
        self._listener: Listener | None = None
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

    def tell(self, listener: Listener) -> None:
        """Tell ``listener`` of every release that is loaded, now and later, before it answers anyone."""
        self._listener = listener
        for served in self.served:
            listener.learn(served)

    def names(self) -> list[str]:
        """Names of the models, each once."""
        return list(dict.fromkeys(served.name for served in self.served))

    def versions(self, name: str) -> list[str]:
        """Versions of a model that may answer, each once, in the order of the sources."""
        found = (berth.served for berth in self._berths if not berth.obstacle)
        return list(dict.fromkeys(served.version for served in found if served.name == name))

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
        self._berths = [self._refreshed(berth) for berth in self._berths]
        self._lay_out()
        if self._listener is not None:
            self._listener.keep(self.served)

    def withdraw(self, why: str) -> None:
        """Let nothing answer any more, until ``refresh`` says otherwise: what the ledger says is not known."""
        self._berths = [replace(berth, obstacle=berth.obstacle or why) for berth in self._berths]
        self._lay_out()

    def _refreshed(self, berth: _Berth) -> _Berth:
        served, obstacle, troubles, pause = berth.served, berth.obstacle, dict[str, str](), max(0, berth.pause - 1)
        try:
            newer = None if pause else berth.source.newer(served)
            if newer is not None:
                if self._listener is not None:
                    self._listener.learn(newer)
                self._alarms.note(RELOADED, newer.subject, f"takes the place of {served.subject.name}")
                return _Berth(berth.source, newer)
            if pause:
                troubles[RELOADED] = berth.troubles.get(RELOADED, "")
        except SecmlopsError as error:
            troubles[RELOADED], pause = f"cannot be kept up: {error}", _PAUSE
        try:  # whatever became of something newer
            obstacle = berth.source.obstacle(served)
        except SecmlopsError as error:
            troubles[RELOADED] = f"cannot be kept up: {error}"
        if obstacle:
            troubles[WITHDRAWN] = obstacle
        elif berth.source.changed(served):
            troubles[INTEGRITY] = "its files on disk were changed; the verified bytes are served on"
        self._tell(berth, troubles)
        return _Berth(berth.source, served, obstacle, troubles, pause)

    def _tell(self, berth: _Berth, troubles: Mapping[str, str]) -> None:
        """Raise an alarm about what is new, and not again while it lasts."""
        subject = berth.served.subject
        for control, what in troubles.items():
            if berth.troubles.get(control) != what:
                self._alarms.alarm(control, subject, Finding(control, Severity.ERROR, what, subject.name))

    def _lay_out(self) -> None:
        table: dict[tuple[str, str], _Berth] = {}
        for berth in self._berths:  # of several versions the first named one answers where no version is asked for
            table.setdefault((berth.served.name, ""), berth)
            table.setdefault((berth.served.name, berth.served.version), berth)
        self._table = table
