"""Laws of policies over any ledger: what can open a gate, and what never can."""

import dataclasses
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.condition import Condition
from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.policy import AllOf, AnyOf, Attested, Docket, Policy, Require
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONTROLS = ("assurance.performance", "assurance.fit", "release.parity")
SUBJECTS = tuple(Digest.of(name) for name in (b"model", b"data", b"another model"))
OURS = frozenset(SUBJECTS[:2])
SETTINGS = (Digest.of(b"strict"), Digest.of(b"lax"))

MEASURES = st.dictionaries(st.sampled_from(["auc", "gap"]), st.floats(-1, 1), max_size=2)
AGES = st.timedeltas(timedelta(minutes=-20), timedelta(days=60))
ROLES = st.frozensets(st.sampled_from(["engineer", "validator"]), max_size=2)


@st.composite
def statements(draw: st.DrawFn) -> Attested:
    evidence = Evidence(
        control=ControlRef(draw(st.sampled_from(CONTROLS)), "1", draw(st.sampled_from(SETTINGS))),
        stage=Stage.ASSURANCE,
        subject=Subject(SubjectKind.MODEL, "any", draw(st.sampled_from(SUBJECTS))),
        outcome=draw(st.sampled_from([Outcome.PASSED, *Outcome])),
        at=NOW - draw(AGES),
        measures=draw(MEASURES),
    )
    return Attested(evidence, draw(ROLES), index=0)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Attested]:
    """Statements, each at a place of its own, in any order."""
    drawn = draw(st.lists(statements(), max_size=8))
    places = draw(st.permutations(range(0, 2 * len(drawn), 2)))
    return [dataclasses.replace(a, index=place) for a, place in zip(drawn, places, strict=True)]


CONDITIONS = st.builds(Condition, st.sampled_from([">=", "<="]), st.floats(-1, 1))
REQUIRED = st.builds(
    Require,
    st.sampled_from(CONTROLS),
    measure=st.none() | st.sampled_from(["auc", "gap"]),
    condition=st.none() | CONDITIONS,
    within=st.none() | st.just(timedelta(days=30)),
    by=st.none() | st.sampled_from(["engineer", "validator"]),
    settings=st.none() | st.sampled_from(SETTINGS),
)
SIMPLE = st.builds(Require, st.sampled_from(CONTROLS))


def compound(parts: st.SearchStrategy[Policy]) -> st.SearchStrategy[Policy]:
    several = st.lists(parts, max_size=3).map(tuple)
    return st.builds(AllOf, several) | st.builds(AnyOf, several)


POLICIES: st.SearchStrategy[Policy] = st.recursive(SIMPLE | REQUIRED, compound, max_leaves=5)


def is_open(policy: Policy, ledger: list[Attested]) -> bool:
    return policy.judge(Docket(OURS, ledger, NOW)).open


@settings(max_examples=100)
@given(
    POLICIES, ledgers(), statements(), st.sampled_from([Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED]), st.data()
)
def test_adding_failing_evidence_never_opens_a_gate(
    policy: Policy, ledger: list[Attested], statement: Attested, outcome: Outcome, data: st.DataObject
) -> None:
    subject = dataclasses.replace(statement.evidence.subject, digest=data.draw(st.sampled_from(sorted(OURS))))
    evidence = dataclasses.replace(statement.evidence, outcome=outcome, subject=subject)
    place = data.draw(st.integers(-1, len(ledger))) * 2 + 1  # between, before or after the others
    added = Attested(evidence, statement.roles, place)
    assert is_open(policy, ledger) or not is_open(policy, [*ledger, added])


@settings(max_examples=60)
@given(POLICIES, ledgers(), statements(), st.data())
def test_a_word_that_may_not_be_said_never_opens_a_gate(
    policy: Policy, ledger: list[Attested], statement: Attested, data: st.DataObject
) -> None:
    place = data.draw(st.integers(-1, len(ledger))) * 2 + 1
    added = Attested(statement.evidence, frozenset(), place)
    assert is_open(policy, ledger) or not is_open(policy, [*ledger, added])


@settings(max_examples=60)
@given(POLICIES, ledgers(), st.data())
def test_removing_what_was_overtaken_changes_nothing(
    policy: Policy, ledger: list[Attested], data: st.DataObject
) -> None:
    """Only the latest word of a control counts. Removing a latest failure can open: the ledger must not forget."""
    latest = {a.evidence.control.id: a for a in sorted(ledger, key=lambda a: a.index) if _is_ours(a)}
    kept = [a for a in ledger if a in latest.values() or data.draw(st.booleans())]
    verdict = policy.judge(Docket(OURS, ledger, NOW))
    assert policy.judge(Docket(OURS, [a for a in kept if _is_ours(a)], NOW)).open == verdict.open


@settings(max_examples=60)
@given(REQUIRED | SIMPLE, ledgers(), st.data())
def test_removing_what_a_rule_accepts_never_opens_it(
    rule: Require, ledger: list[Attested], data: st.DataObject
) -> None:
    accepted = [a for a in ledger if is_open(rule, [a])]
    removed = data.draw(st.sampled_from(accepted)) if accepted else None
    assert is_open(rule, ledger) or not is_open(rule, [a for a in ledger if a is not removed])


@settings(max_examples=50)
@given(POLICIES)
def test_no_evidence_opens_nothing(policy: Policy) -> None:
    assert not is_open(policy, [])


@settings(max_examples=50)
@given(POLICIES, ledgers())
def test_evidence_about_other_things_opens_nothing(policy: Policy, ledger: list[Attested]) -> None:
    assert not is_open(policy, [a for a in ledger if not _is_ours(a)])


@settings(max_examples=60)
@given(POLICIES, POLICIES, ledgers())
def test_all_of_is_and_any_of_is_or(left: Policy, right: Policy, ledger: list[Attested]) -> None:
    one, two = is_open(left, ledger), is_open(right, ledger)
    assert is_open(AllOf((left, right)), ledger) is (one and two)
    assert is_open(AnyOf((left, right)), ledger) is (one or two)
    assert is_open(AllOf((left,)), ledger) is is_open(AnyOf((left,)), ledger) is one


@settings(max_examples=60)
@given(POLICIES, ledgers())
def test_a_verdict_agrees_with_its_reasons(policy: Policy, ledger: list[Attested]) -> None:
    verdict = policy.judge(Docket(OURS, ledger, NOW))
    assert verdict.reasons
    if not verdict.open:
        assert verdict.obstacles
    if isinstance(policy, Require):
        assert verdict.open is not bool(verdict.obstacles)


@settings(max_examples=50)
@given(POLICIES, st.permutations(range(5)), ledgers())
def test_the_order_in_which_evidence_is_read_does_not_matter(
    policy: Policy, order: list[int], ledger: list[Attested]
) -> None:
    shuffled = [ledger[i] for i in order if i < len(ledger)] + ledger[5:]
    assert is_open(policy, ledger) is is_open(policy, shuffled)


def _is_ours(attested: Attested) -> bool:
    return attested.evidence.subject.digest in OURS
