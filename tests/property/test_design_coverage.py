"""Coverage of threats: another control or better evidence never makes a threat look less answered."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.evidence import Outcome
from secmlops.design.catalogue import catalogue
from secmlops.design.coverage import Claims, State, coverage

BEST_FIRST = list(State)
IDS = [t.id for t in catalogue().threats]
CONTROLS = st.dictionaries(st.sampled_from(["a.one", "b.two", "c.three"]), st.frozensets(st.sampled_from(IDS)))
OUTCOMES = st.dictionaries(st.sampled_from(["a.one", "b.two", "c.three", "z.absent"]), st.sampled_from(Outcome))


def states(controls: Mapping[str, frozenset[str]], outcomes: Mapping[str, Outcome]) -> list[int]:
    return [BEST_FIRST.index(c.state) for c in coverage(catalogue().threats, Claims(controls), outcomes)]


def no_worse(now: list[int], before: list[int]) -> bool:
    return all(a <= b for a, b in zip(now, before, strict=True))


@settings(max_examples=15)
@given(CONTROLS, OUTCOMES, st.frozensets(st.sampled_from(IDS)))
def test_one_more_control_never_uncovers_a_threat(controls, outcomes, declared) -> None:
    assert no_worse(states({**controls, "new.control": declared}, outcomes), states(controls, outcomes))


@settings(max_examples=15)
@given(CONTROLS, OUTCOMES)
def test_passing_evidence_never_uncovers_a_threat_and_failing_evidence_never_covers_one(controls, outcomes) -> None:
    now = states(controls, outcomes)
    assert no_worse(states(controls, dict.fromkeys(controls, Outcome.PASSED)), now)
    assert no_worse(now, states(controls, dict.fromkeys(controls, Outcome.FAILED)))


@settings(max_examples=15)
@given(CONTROLS, OUTCOMES)
def test_only_a_configured_control_answers_and_only_one_that_passed_by_evidence(controls, outcomes) -> None:
    for covered in coverage(catalogue().threats, Claims(controls), outcomes):
        assert set(covered.controls) <= controls.keys()
        assert all(outcomes[c] is Outcome.PASSED for c in covered.passed)
        assert (covered.state is State.NONE) == (not covered.controls)
        if covered.state is State.EVIDENCE:
            assert covered.passed
