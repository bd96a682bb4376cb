from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import ControlRef, Evidence, Outcome, Price
from secmlops.core.policy import Attested
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.governance.lineage import Lineage, lineage_of

AT = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE, PROTECTED, MODEL, RELEASE, SETTINGS, PROFILE = (Digest.of(bytes([i])) for i in range(6))
KINDS = {
    SOURCE: SubjectKind.DATASET,
    PROTECTED: SubjectKind.DATASET,
    MODEL: SubjectKind.MODEL,
    RELEASE: SubjectKind.RELEASE,
}
NAMES = {SOURCE: "people.csv", PROTECTED: "people.csv (protected)", MODEL: "loans", RELEASE: "loans-1"}


def said(
    index: int,
    control: str,
    subject: Digest,
    materials: Mapping[str, Digest],
    products: Mapping[str, Digest],
    outcome: Outcome = Outcome.PASSED,
) -> Attested:
    evidence = Evidence(
        control=ControlRef(control, "1", SETTINGS),
        stage=Stage.DATA,
        subject=Subject(KINDS[subject], NAMES[subject], subject),
        outcome=outcome,
        at=AT + timedelta(minutes=index),
        materials=materials,
        products=products,
        price=Price(wall_s=2.0),
    )
    return Attested(evidence, frozenset({"engineer"}), index)


HISTORY = [
    said(0, "data.schema", SOURCE, {"data settings": SETTINGS}, {"profile": PROFILE}),
    said(1, "data.protect", SOURCE, {"data settings": SETTINGS}, {"protected": PROTECTED}),
    said(2, "data.leakage", PROTECTED, {"split": SETTINGS}, {}),
    said(3, "gate.data", PROTECTED, {"source": SOURCE, "protected": PROTECTED}, {}),
    said(4, "training.run", MODEL, {"data": PROTECTED, "libraries": SETTINGS}, {"model.onnx": MODEL}),
    said(5, "release.publish", RELEASE, {"verdict": SETTINGS, "model": MODEL}, {}),
]


@pytest.fixture
def lineage() -> Lineage:
    return lineage_of(HISTORY)


def controls(derivations: tuple[object, ...]) -> list[str]:
    return [d.control for d in derivations]  # type: ignore[attr-defined]  # of any sequence of derivations


def test_what_a_model_came_from_and_became(lineage: Lineage) -> None:
    assert controls(lineage.upstream(MODEL)) == ["data.protect", "training.run"]
    assert controls(lineage.downstream(MODEL)) == ["release.publish"]
    assert controls(lineage.upstream(RELEASE)) == ["data.protect", "training.run", "release.publish"]
    assert controls(lineage.downstream(SOURCE)) == ["data.schema", "data.protect", "training.run", "release.publish"]
    assert lineage.upstream(SOURCE) == ()
    assert lineage.downstream(RELEASE) == ()
    assert controls(lineage.examined(PROTECTED)) == ["data.leakage"]


def test_a_derivation_holds_digests_of_everything(lineage: Lineage) -> None:
    (training,) = [d for d in lineage.derivations if d.control == "training.run"]
    assert training.inputs == (PROTECTED,)
    assert training.outputs == {MODEL: "model.onnx"}
    assert training.settings == {"libraries": SETTINGS}
    assert (training.index, training.seconds) == (4, 2.0)


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("source", SOURCE),
        ("protected", PROTECTED),
        ("model.onnx", MODEL),
        ("loans-1", RELEASE),
        ("people.csv", SOURCE),
        (PROFILE.hex[:6], PROFILE),
        (str(MODEL), MODEL),
        (f"sha256:{SOURCE.hex[:10]}", SOURCE),
    ],
)
def test_things_are_found_by_role_name_and_digest(lineage: Lineage, name: str, digest: Digest) -> None:
    assert lineage.find(name) == digest


def test_the_role_is_the_first_name(lineage: Lineage) -> None:
    assert lineage.names[SOURCE] == ("source", "people.csv")
    assert lineage.subjects == {SOURCE, PROTECTED, MODEL, RELEASE}


@pytest.mark.parametrize("name", ["nothing", MODEL.hex[:5], "", "0" * 64])
def test_what_nobody_knows_is_refused(lineage: Lineage, name: str) -> None:
    with pytest.raises(InputError, match="knows nothing called"):
        lineage.find(name)


def test_a_beginning_that_fits_several_is_refused() -> None:
    names = {Digest("a" * 63 + "b"): ("x",), Digest("a" * 64): ("y",)}
    with pytest.raises(InputError, match="2 digests begin with"):
        Lineage((), names, frozenset()).find("aaaaaaa")


def test_evidence_that_does_not_count_is_no_lineage() -> None:
    forged = Attested(said(6, "data.protect", SOURCE, {}, {"protected": MODEL}).evidence, frozenset(), 6)
    assert lineage_of([*HISTORY, forged]) == lineage_of(HISTORY)
    with pytest.raises(InputError, match="known: nothing"):
        lineage_of([]).find("source")


def test_work_done_again_is_told_once_with_its_latest_place() -> None:
    again = lineage_of(
        [*HISTORY, said(9, "data.protect", SOURCE, {"data settings": SETTINGS}, {"protected": PROTECTED})]
    )
    assert [(d.control, d.index) for d in again.upstream(PROTECTED)] == [("data.protect", 9)]
    assert [d.index for d in again.upstream(MODEL)] == [4, 9]


def test_a_circle_in_what_was_said_ends() -> None:
    back = said(7, "data.protect", PROTECTED, {}, {"protected": SOURCE})
    assert [d.index for d in lineage_of([*HISTORY, back]).upstream(MODEL)] == [1, 4, 7]
