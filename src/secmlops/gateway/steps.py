"""The steps of a request and the time each took, for traces: the parts of a gateway, with a clock before each.

Without traces none of these is made, so that nobody pays for a clock that is not read. What is decided for several
requests in one call has the same steps in each of them.
"""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter_ns
from typing import Any, NamedTuple

from secmlops.gateway.asgi import Application, Message, Receive, Scope, Send
from secmlops.gateway.engine import Engine
from secmlops.gateway.fleet import Source
from secmlops.gateway.recorder import Pending, Recorder
from secmlops.gateway.served import Served
from secmlops.runtime.signature import Inputs
from secmlops.serving.decision import Decider, Decision


class Lap(NamedTuple):
    """One step, and when it began and ended: nanoseconds of ``time.perf_counter_ns``."""

    step: str
    begun: int
    ended: int


@dataclass(slots=True)
class Steps:
    """What became of one request. ``read`` is when its body was there: None for one that was not let in."""

    begun: int = field(default_factory=perf_counter_ns)
    read: int | None = None
    laps: list[Lap] = field(default_factory=list)
    status: int = 0
    model: tuple[str, str] | None = None
    rows: int = 0

    def lap(self, step: str, begun: int) -> None:
        """End a step now."""
        self.laps.append(Lap(step, begun, perf_counter_ns()))


_current: ContextVar[Steps | None] = ContextVar("steps", default=None)
_laps: ContextVar[list[Lap]] = ContextVar("laps")


class TimedApplication:
    """The application, each of whose requests is told of once it is answered, with its ASGI scope.

    A request that was turned away at the door is not told of: a flood of those is counted, and must cost no more.
    ``close`` is called when the application has ended; it may take its time.
    """

    def __init__(self, app: Application, tell: Callable[[Scope, Steps], None], close: Callable[[], None]) -> None:
        self._app = app
        self._tell = tell
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the application answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, self._ending(send))
            return
        steps = Steps()
        _current.set(steps)

        async def received() -> Message:
            message = await receive()
            steps.read = perf_counter_ns()  # the door reads the body of those only whom it has let in
            return message

        async def sent(message: Message) -> None:
            steps.status = message.get("status", steps.status)
            await send(message)

        scope.pop("answer", None)  # all that is sent is to be seen here
        await self._app(scope, received, sent)
        if steps.read is not None:
            self._tell(scope, steps)

    def _ending(self, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown"):
                await asyncio.to_thread(self._close)
            await send(message)

        return sent


class TimedEngine(Engine):
    """Tells the steps of the requests what was decided for them, and how long that took."""

    async def decide(self, decider: Decider, inputs: Inputs) -> Decision:
        """See Engine; what came before is the reading of the request."""
        steps = _current.get()
        if steps is not None and steps.read is not None:
            steps.lap("read", steps.read)
            steps.rows += len(inputs)
        decision = await super().decide(decider, inputs)
        if steps is not None and isinstance(decider, TimedDecider) and isinstance(decision, TimedDecision):
            steps.model = decider.model
            steps.laps += decision.laps
        return decision


class TimedRecorder(Recorder):
    """Tells the steps of a request how long it took until its answer was on record, or might leave."""

    def record(self, *arguments: Any, **more: Any) -> Pending:
        """See Recorder."""
        steps, begun = _current.get(), perf_counter_ns()
        pending = super().record(*arguments, **more)
        if steps is None:
            return pending
        if pending.index is None:
            steps.lap("record", begun)
        else:
            pending.index.add_done_callback(lambda _: steps.lap("record", begun))
        return pending


class TimedSource:
    """A source of releases whose models and guards are timed."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def load(self) -> Served:
        """See Source."""
        return timed(self._source.load())

    def newer(self, served: Served) -> Served | None:
        """See Source."""
        newer = self._source.newer(served)
        return newer and timed(newer)

    def obstacle(self, served: Served) -> str:
        """See Source."""
        return self._source.obstacle(served)

    def changed(self, served: Served) -> bool:
        """See Source."""
        return self._source.changed(served)


def timed(served: Served) -> Served:
    """Release whose decisions tell how long the guard took, and the model."""
    plain = served.decider
    decider = TimedDecider(
        _clocked("model", plain.predictor),
        plain.guard and _clocked("guard", plain.guard),
        plain.policy,
        plain.fallback,
        (served.name, served.version),
    )
    return replace(served, decider=decider)


class TimedDecision(Decision, frozen=True):
    """A decision, and the steps that led to it."""

    laps: tuple[Lap, ...] = ()

    def part(self, start: int, end: int) -> Decision:
        """See Decision; each part took as long as the whole."""
        part = super().part(start, end)
        return TimedDecision(part.scores, part.strange, self.laps)


@dataclass(frozen=True)
class TimedDecider(Decider):
    """The model behind its guard, with clocks before both. ``model`` is its name and version."""

    model: tuple[str, str] = ("", "")

    def __call__(self, inputs: Inputs) -> Decision:
        """See Decider."""
        laps: list[Lap] = []
        token = _laps.set(laps)
        try:
            decision = super().__call__(inputs)
        finally:
            _laps.reset(token)
        return TimedDecision(decision.scores, decision.strange, tuple(laps))


def _clocked(step: str, part: object) -> Any:
    """Part with a clock before it, in whatever place it is needed."""
    return _Clocked(step, part)


class _Clocked:
    """Stands before a part: each call of one of its methods is a step. All else is the part's own."""

    def __init__(self, step: str, part: object) -> None:
        self._step = step
        self._part = part

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        return partial(self._call, found) if callable(found) else found

    def _call(self, method: Callable[..., Any], *arguments: Any) -> Any:
        begun = perf_counter_ns()
        try:
            return method(*arguments)
        finally:
            _laps.get().append(Lap(self._step, begun, perf_counter_ns()))
