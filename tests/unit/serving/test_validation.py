"""Validation: each policy for each deviation, feature by feature, for one row as for many."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.signature import MISSING_CATEGORY, Feature, FeatureKind, Inputs, Signature
from secmlops.serving.validation import MAX_FLAGS, Deviation, FeaturePolicy, ValidationSettings, Validator

NUMERIC, CATEGORICAL = FeatureKind.NUMERIC, FeatureKind.CATEGORICAL
FEATURES = (
    Feature(name="age", kind=NUMERIC, minimum=18.0, maximum=90.0),
    Feature(name="purpose", kind=CATEGORICAL, categories=("car", "tv")),
    Feature(name="income", kind=NUMERIC, nullable=True, minimum=0.0, maximum=1e4),
    Feature(name="free", kind=NUMERIC),
    Feature(name="city", kind=CATEGORICAL, categories=("bonn",), nullable=True, open_ended=True),
)
SIGNATURE = Signature(task=Task.BINARY, features=FEATURES, classes=("good", "bad"))
NAN = float("nan")
USUAL = ((30.0, 100.0, 5.0), ("car", "bonn"))


def rows(*given: tuple[tuple[float, ...], tuple[str, ...]]) -> Inputs:
    numbers, texts = zip(*given, strict=True)
    return Inputs(np.array(numbers, np.float32), np.array(texts, object))


def check(inputs: Inputs, signature: Signature = SIGNATURE, **chosen: object) -> tuple[Inputs, tuple[str, ...]]:
    return Validator(signature, ValidationSettings(**chosen)).check(inputs)


def test_what_is_usual_passes_as_it_is() -> None:
    for inputs in (rows(USUAL), rows(USUAL, USUAL)):
        checked, unusual = check(inputs)
        assert checked is inputs
        assert unusual == ()


EDGES = ((18.0, 0.0, -1e30), ("tv", MISSING_CATEGORY))
UNUSUAL = {
    "range:age": ((17.9, 100.0, 5.0), ("car", "bonn")),
    "range:income": ((30.0, 1e5, 5.0), ("car", "bonn")),
    "missing:age": ((NAN, 100.0, 5.0), ("car", "bonn")),
    "category:purpose": ((30.0, 100.0, 5.0), ("boat", "bonn")),
    "missing:purpose": ((30.0, 100.0, 5.0), (MISSING_CATEGORY, "bonn")),
}


def test_the_edges_a_nullable_gap_and_an_open_category_are_usual() -> None:
    for row in (EDGES, ((90.0, NAN, 5.0), ("car", "paris"))):
        assert check(rows(row))[1] == ()
        assert check(rows(row, row))[1] == ()


@pytest.mark.parametrize(("flag", "row"), UNUSUAL.items())
@pytest.mark.parametrize("with_others", [False, True])
def test_every_policy_for_every_deviation(flag: str, row, with_others: bool) -> None:
    inputs = rows(USUAL, row) if with_others else rows(row)
    kind, _, name = flag.partition(":")
    assert check(inputs)[1] == (flag,)
    assert check(inputs, **{kind: Deviation.IGNORE}) == (inputs, ())
    with pytest.raises(InputError) as refused:
        check(inputs, **{kind: Deviation.REFUSE})
    assert refused.value.where == f"feature {name}"
    for value in ("17.9", "100000", "boat"):
        assert value not in str(refused.value)
    own = {name: FeaturePolicy(**{kind: Deviation.IGNORE})}
    assert check(inputs, **{kind: Deviation.REFUSE}, features=own) == (inputs, ())
    strict = {name: FeaturePolicy(**{kind: Deviation.REFUSE})}
    with pytest.raises(InputError):
        check(inputs, **{kind: Deviation.IGNORE}, features=strict)
    other = {"free": FeaturePolicy(range=Deviation.REFUSE, missing=Deviation.REFUSE)}
    assert check(inputs, features=other)[1] == (flag,)


def test_a_refusal_says_what_is_expected_where_that_is_known() -> None:
    with pytest.raises(InputError, match="from 18 to 90"):
        check(rows(UNUSUAL["range:age"]), range=Deviation.REFUSE)
    with pytest.raises(InputError) as refused:
        check(rows(((30.0, 100.0, NAN), ("car", "bonn"))), missing=Deviation.REFUSE)
    assert refused.value.hint == ""


def test_clipping_brings_numbers_in_and_leaves_the_callers_own_alone() -> None:
    inputs = rows(((5.0, 1e9, 5.0), ("car", "bonn")), ((95.0, NAN, -7.0), ("car", "bonn")), USUAL)
    before = inputs.numeric.copy()
    checked, unusual = check(inputs, range=Deviation.CLIP)
    assert checked.numeric[0].tolist() == [18.0, 1e4, 5.0]
    assert checked.numeric[1, 0] == 90.0
    assert np.isnan(checked.numeric[1, 1])
    assert checked.numeric[2].tolist() == list(USUAL[0])
    assert checked.numeric.dtype == np.float32
    assert unusual == ("range:age", "range:income")
    assert np.array_equal(inputs.numeric, before, equal_nan=True)
    assert not np.shares_memory(checked.numeric, inputs.numeric)


ROW = st.tuples(
    st.tuples(
        st.sampled_from([17.0, 18.0, 50.0, 91.0, NAN]), st.sampled_from([-1.0, 10.0, NAN]), st.sampled_from([1.0, NAN])
    ),
    st.tuples(st.sampled_from(["car", "boat", MISSING_CATEGORY]), st.sampled_from(["bonn", "x", MISSING_CATEGORY])),
)
POLICY = st.sampled_from(Deviation)
NO_CLIP = st.sampled_from([one for one in Deviation if one is not Deviation.CLIP])


@settings(max_examples=200, deadline=None)
@given(some=st.lists(ROW, min_size=1, max_size=5), range_=POLICY, category=NO_CLIP, missing=NO_CLIP)
def test_many_rows_are_checked_as_each_alone(some, range_, category, missing) -> None:
    validator = Validator(SIGNATURE, ValidationSettings(range=range_, category=category, missing=missing))

    def outcome(inputs: Inputs):
        before = inputs.numeric.copy()
        try:
            checked, unusual = validator.check(inputs)
        except InputError:
            return None
        assert np.array_equal(inputs.numeric, before, equal_nan=True)
        return checked.numeric, set(unusual)

    together, alone = outcome(rows(*some)), [outcome(rows(row)) for row in some]
    if None in [one if one is None else 0 for one in alone]:
        assert together is None
    else:
        assert np.array_equal(together[0], np.concatenate([numbers for numbers, _ in alone]), equal_nan=True)
        assert together[1] == set().union(*(unusual for _, unusual in alone))


def test_only_so_much_is_told() -> None:
    many = tuple(Feature(name=f"n{i}", kind=NUMERIC, minimum=0.0, maximum=1.0) for i in range(MAX_FLAGS + 9))
    signature = Signature(task=Task.BINARY, features=many, classes=("good", "bad"))
    inputs = Inputs(np.full((1, len(many)), 2.0, np.float32), np.empty((1, 0), object))
    assert check(inputs, signature)[1] == tuple(f"range:n{i}" for i in range(MAX_FLAGS))


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"features": {"agee": FeaturePolicy()}}, "no feature 'agee'"),
        ({"missing": Deviation.CLIP}, "cannot be clipped"),
        ({"category": Deviation.CLIP}, "a category cannot be clipped"),
        ({"features": {"age": FeaturePolicy(missing=Deviation.CLIP)}}, "a missing value cannot be clipped"),
        ({"features": {"purpose": FeaturePolicy(missing=Deviation.CLIP)}}, "cannot be clipped"),
    ],
)
def test_settings_that_cannot_be_carried_out_are_told(chosen: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        Validator(SIGNATURE, ValidationSettings(**chosen))
    assert refused.value.where.startswith("serving.validation")


def test_a_model_of_numbers_alone() -> None:
    signature = Signature(task=Task.BINARY, features=FEATURES[:1], classes=("good", "bad"))
    inputs = Inputs(np.array([[17.0]], np.float32), np.empty((1, 0), object))
    assert check(inputs, signature)[1] == ("range:age",)
