import pytest

from secmlops.core.errors import InputError
from secmlops.core.stage import TRANSITIONS, Event, Stage, advance


def reachable(start: Stage) -> set[Stage]:
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        following = {TRANSITIONS[pair] for pair in TRANSITIONS if pair[0] is here} - found
        found |= following
        waiting += following
    return found


@pytest.mark.parametrize("start", Stage)
def test_every_stage_leads_to_every_other(start: Stage) -> None:
    assert reachable(start) == set(Stage)


@pytest.mark.parametrize("event", Event)
def test_every_event_happens_somewhere(event: Event) -> None:
    assert any(e is event for _, e in TRANSITIONS)


def test_open_gates_lead_through_the_lifecycle_in_order() -> None:
    stage, way = Stage.DESIGN, [Stage.DESIGN]
    while stage is not Stage.MONITORING:
        stage = advance(stage, Event.GATE_OPENED)
        way.append(stage)
    assert way == list(Stage)[:-1]


@pytest.mark.parametrize("stage", list(Stage)[:5])
def test_a_shut_gate_holds_the_stage(stage: Stage) -> None:
    assert advance(stage, Event.GATE_SHUT) is stage


def test_only_an_open_gate_leads_to_serving_from_before() -> None:
    into_serving = {pair for pair, following in TRANSITIONS.items() if following is Stage.SERVING}
    assert into_serving == {(Stage.RELEASE, Event.GATE_OPENED)}


def test_what_cannot_happen_is_refused_with_what_can() -> None:
    with pytest.raises(InputError, match="cannot happen in stage design") as caught:
        advance(Stage.DESIGN, Event.DRIFT_CONFIRMED)
    assert "gate opened, gate shut" in caught.value.hint


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS[Stage.DESIGN, Event.GATE_OPENED] = Stage.SERVING  # type: ignore[index]
