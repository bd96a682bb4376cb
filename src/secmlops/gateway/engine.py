"""Inference under load: a lone request is decided at once; those that are waiting together share one call of the model.

Nobody is ever kept waiting for company: what has arrived by the time the event loop comes round goes together.
"""

import asyncio
from collections.abc import Callable

from secmlops.runtime.signature import Inputs
from secmlops.serving.decision import Decider, Decision

MAX_INLINE_ROWS = 64
"""More rows than these are decided in another thread: the hop costs more than a small request."""
MAX_TOGETHER = 64


class Engine:
    """Decides on requests. ``active`` tells how many are under way in this process, those not yet begun included."""

    def __init__(self, active: Callable[[], int] = lambda: 1) -> None:
        self.active = active
        self._waiting: dict[int, _Batch] = {}

    async def decide(self, decider: Decider, inputs: Inputs) -> Decision:
        """Decision on the rows of one request; raises what the decider raises."""
        if len(inputs) > MAX_INLINE_ROWS:
            return await asyncio.to_thread(decider, inputs)
        if self.active() <= 1:
            return decider(inputs)
        batch = self._waiting.get(id(decider))
        if batch is None:
            batch = self._waiting[id(decider)] = _Batch(decider)
            asyncio.get_running_loop().call_soon(self._settle, id(decider))
        answer = batch.add(inputs)
        if len(batch) >= MAX_TOGETHER:
            self._settle(id(decider))
        return await answer

    def _settle(self, key: int) -> None:
        batch = self._waiting.pop(key, None)
        if batch is not None:
            batch.settle()


class _Batch:
    """Requests that are decided in one call, and those who wait for them."""

    def __init__(self, decider: Decider) -> None:
        self._decider = decider
        self._inputs: list[Inputs] = []
        self._answers: list[asyncio.Future[Decision]] = []

    def __len__(self) -> int:
        return len(self._inputs)

    def add(self, inputs: Inputs) -> asyncio.Future[Decision]:
        answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._inputs.append(inputs)
        self._answers.append(answer)
        return answer

    def settle(self) -> None:
        """Decide all in one call; where that fails each alone, so that nobody's inputs spoil another's answer."""
        if len(self) > 1:
            try:
                decisions = self._decider.together(self._inputs)
            except Exception:  # noqa: BLE001  # whose fault it was shows when each is decided alone
                decisions = []
            for answer, decision in zip(self._answers, decisions, strict=False):
                if not answer.done():
                    answer.set_result(decision)
        for inputs, answer in zip(self._inputs, self._answers, strict=True):
            if not answer.done():
                self._settle_one(inputs, answer)

    def _settle_one(self, inputs: Inputs, answer: "asyncio.Future[Decision]") -> None:
        try:
            answer.set_result(self._decider(inputs))
        except Exception as error:  # noqa: BLE001  # raised where it is awaited: nobody must wait for ever
            answer.set_exception(error)
