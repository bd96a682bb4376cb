"""The engine: everyone gets the answer to what they asked, whoever they share a call of the model with."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import VerificationError
from secmlops.gateway.engine import MAX_INLINE_ROWS, MAX_TOGETHER, Engine
from secmlops.runtime.signature import Inputs
from secmlops.serving.decision import Decision


def rows(*values: float) -> Inputs:
    return Inputs(np.array(values, np.float32).reshape(-1, 1), np.empty((len(values), 0), object))


class Decider:
    """Answers each row with twice its number; rows below zero break everything they are decided with."""

    def __init__(self) -> None:
        self.alone: list[int] = []
        self.shared: list[int] = []

    def __call__(self, inputs: Inputs) -> Decision:
        self.alone.append(len(inputs))
        return self._decide(inputs)

    def together(self, several: Sequence[Inputs]) -> list[Decision]:
        self.shared.append(len(several))
        numeric, texts = (np.concatenate([getattr(i, n) for i in several]) for n in ("numeric", "categorical"))
        decision = self._decide(Inputs(numeric, texts))
        ends = np.cumsum([len(i) for i in several]).tolist()
        return [decision.part(end - len(i), end) for end, i in zip(ends, several, strict=True)]

    def _decide(self, inputs: Inputs) -> Decision:
        if (inputs.numeric < 0).any():
            raise VerificationError("no valid answer")
        return Decision(inputs.numeric.astype(np.float64) * 2, inputs.numeric[:, 0] > 100)


def busy() -> int:
    return 9


async def all_of(engine: Engine, decider: Decider, asked: list[Inputs]) -> list[object]:
    return await asyncio.gather(*(engine.decide(decider, one) for one in asked), return_exceptions=True)


VALUES = st.lists(st.lists(st.integers(-3, 500), min_size=1, max_size=3), min_size=1, max_size=150)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_everyone_gets_their_own_answer_and_only_who_asks_what_breaks_gets_an_error(asked: list[list[int]]) -> None:
    engine = Engine(busy)
    answers = asyncio.run(all_of(engine, Decider(), [rows(*one) for one in asked]))
    for one, answer in zip(asked, answers, strict=True):
        if min(one) < 0:
            assert isinstance(answer, VerificationError)
        else:
            assert isinstance(answer, Decision)
            assert answer.scores.tolist() == [[2.0 * value] for value in one]
            assert answer.strange.tolist() == [value > 100 for value in one]
    assert engine._waiting == {}


def test_those_that_wait_share_one_call_and_no_more_than_so_many() -> None:
    decider = Decider()
    asyncio.run(all_of(Engine(busy), decider, [rows(n) for n in range(MAX_TOGETHER + 5)]))
    assert (decider.shared, decider.alone) == ([MAX_TOGETHER, 5], [])


def test_two_models_share_no_call() -> None:
    first, second = Decider(), Decider()
    engine = Engine(busy)

    async def both() -> list[Decision]:
        return await asyncio.gather(*(engine.decide(d, rows(n)) for n, d in enumerate([first, second] * 3)))

    assert [d.scores.item() for d in asyncio.run(both())] == [0, 2, 4, 6, 8, 10]
    assert first.shared == second.shared == [3]


def test_a_lone_request_is_decided_at_once_without_a_switch_to_another_task() -> None:
    decider = Decider()
    deciding = Engine().decide(decider, rows(7))
    with pytest.raises(StopIteration) as done:  # a coroutine that ends in its first step awaited nothing
        deciding.send(None)
    assert done.value.value.scores.tolist() == [[14.0]]


def test_one_that_waits_alone_is_decided_alone() -> None:
    decider = Decider()
    (answer,) = asyncio.run(all_of(Engine(busy), decider, [rows(3)]))
    assert answer.scores.tolist() == [[6.0]]
    assert (decider.shared, decider.alone) == ([], [1])


def test_one_who_goes_away_spoils_nobody_elses_answer() -> None:
    engine, decider = Engine(busy), Decider()

    async def scenario() -> list[object]:
        tasks = [asyncio.create_task(engine.decide(decider, rows(n))) for n in (1, 2, -1, 4)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        tasks.append(asyncio.create_task(engine.decide(decider, rows(5))))
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, gone, broken, fourth, last = asyncio.run(scenario())
    assert isinstance(gone, asyncio.CancelledError)
    assert isinstance(broken, VerificationError)
    assert [one.scores.item() for one in (first, fourth, last)] == [2, 8, 10]


def test_one_who_goes_away_from_a_call_that_holds_gets_no_answer() -> None:
    engine, decider = Engine(busy), Decider()

    async def scenario() -> list[object]:
        tasks = [asyncio.create_task(engine.decide(decider, rows(n))) for n in (1, 2)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    gone, second = asyncio.run(scenario())
    assert isinstance(gone, asyncio.CancelledError)
    assert second.scores.item() == 4


@pytest.mark.parametrize("count", [MAX_INLINE_ROWS, MAX_INLINE_ROWS + 1])
def test_many_rows_do_not_hold_up_the_others(count: int) -> None:
    engine, decider, order = Engine(), Decider(), []

    async def another() -> None:
        order.append("another")

    async def scenario() -> None:
        beside = asyncio.create_task(another())
        decision = await engine.decide(decider, rows(*range(count)))
        order.append("many")
        assert decision.scores.tolist() == [[2.0 * n] for n in range(count)]
        await beside

    asyncio.run(scenario())
    assert order == (["many", "another"] if count <= MAX_INLINE_ROWS else ["another", "many"])
