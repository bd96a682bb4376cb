import numpy as np
import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.core.task import Task
from secmlops.detect.binomial import exchangeable_interval
from secmlops.detect.guard import MAX_CALIBRATION, Guard
from secmlops.release.scan.scanning import scan_bytes
from secmlops.release.scan.verdict import Verdict
from secmlops.runtime.arrays import pack, unpack
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

LAYOUT = {"alpha": ("F64", 1), "calibration": ("F64", 1), "detector": ("U8", 1), "encoding": ("U8", 1)}
PLACES = np.array(["north", "south", "east"], object)


def honest(rows: int, seed: int, *, missing: bool = True) -> Inputs:
    """Income and a loan that follows it, a number often missing; a region and a flag."""
    rng = np.random.default_rng(seed)
    income = rng.normal(50, 10, rows)
    numeric = np.column_stack([income, 3 * income + rng.normal(0, 5, rows), rng.poisson(2, rows)]).astype(np.float32)
    if missing:
        numeric[rng.random(rows) < 0.1, 2] = np.nan
    categorical = np.column_stack([rng.choice(PLACES, rows), rng.choice(np.array(["yes", "no", ""], object), rows)])
    return Inputs(numeric, categorical)


def joined(*parts: Inputs) -> Inputs:
    return Inputs(np.concatenate([p.numeric for p in parts]), np.concatenate([p.categorical for p in parts]))


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard.fit(honest(600, 0), honest(400, 1), 0.01, np.random.default_rng(0))


def test_honest_rows_are_flagged_as_often_as_was_set(guard: Guard) -> None:
    flagged = int(guard.flags(honest(5000, 2)).sum())
    low, high = exchangeable_interval(5000, guard.threshold.rank, guard.threshold.size, 0.999)
    assert low <= flagged <= high


def test_strange_rows_are_flagged(guard: Guard) -> None:
    rows = honest(4, 3, missing=False)
    rows.numeric[0, 0] = 500
    rows.numeric[1, :2] = 26, 222  # each seen now and then, never together
    rows.categorical[2, 0] = "atlantis"
    rows.numeric[3, 1] = np.inf
    p_values = guard.p_values(rows)
    assert guard.flags(rows)[[0, 1, 3]].all()
    assert p_values[2] < 0.05
    assert p_values.min() == 1 / 401


def test_p_values_and_flags_are_those_of_calibration_and_threshold(guard: Guard) -> None:
    rows = honest(300, 4)
    scores = guard.scores(rows)
    assert (guard.p_values(rows) == guard.calibration.p_values(scores)).all()
    assert (guard.flags(rows) == guard.threshold.flags(scores)).all()
    assert (guard.flags(rows) == (guard.p_values(rows) <= guard.alpha)).all()


@pytest.mark.parametrize("change", ["none", "missing", "all missing", "far", "infinite", "unseen"])
def test_one_row_alone_is_judged_as_in_a_table(guard: Guard, change: str) -> None:
    rows = honest(40, 5)
    value = {"missing": np.nan, "far": 1e30, "infinite": -np.inf}.get(change)
    if value is not None:
        rows.numeric[:, 1] = value
    if change == "all missing":
        rows.numeric[:] = np.nan
    if change == "unseen":
        rows.categorical[:, 1] = "perhaps"
    alone = [guard.p_values(rows.take(slice(i, i + 1))) for i in range(40)]
    assert (np.concatenate(alone) == guard.p_values(rows)).all()
    flags = [guard.flags(rows.take(slice(i, i + 1))) for i in range(40)]
    assert (np.concatenate(flags) == guard.flags(rows)).all()


def test_a_model_without_categories_or_without_numbers_can_be_guarded() -> None:
    rows, others = honest(300, 0, missing=False), honest(300, 1, missing=False)
    empty, none = np.empty((300, 0), np.float32), np.empty((300, 0), object)
    for train, calibration in (
        (Inputs(rows.numeric, none), Inputs(others.numeric, none)),
        (Inputs(empty, rows.categorical), Inputs(empty, others.categorical)),
    ):
        guard = Guard.fit(train, calibration, 0.05, np.random.default_rng(0))
        one = train.take(slice(0, 1))
        assert guard.p_values(one) == guard.p_values(train)[0]


def test_no_rows_have_no_p_values(guard: Guard) -> None:
    nothing = honest(0, 0)
    assert guard.p_values(nothing).shape == guard.flags(nothing).shape == (0,)


def test_other_columns_are_refused(guard: Guard) -> None:
    rows = honest(1, 0)
    for wrong in (Inputs(rows.numeric[:, :2], rows.categorical), Inputs(rows.numeric, rows.categorical[:, :1])):
        with pytest.raises(InputError):
            guard.p_values(wrong)
        with pytest.raises(InputError):
            guard.flags(joined(wrong, wrong))


def test_too_few_rows_are_refused() -> None:
    generator = np.random.default_rng(0)
    with pytest.raises(InputError, match="too few"):
        Guard.fit(honest(4, 0), honest(200, 1), 0.01, generator)
    with pytest.raises(InputError, match="too few for a false-flag rate"):
        Guard.fit(honest(100, 0), honest(98, 1), 0.01, generator)
    with pytest.raises(InputError, match="too few for a false-flag rate"):
        Guard.fit(honest(100, 0), honest(998, 1), 0.001, generator)


def test_the_calibration_is_bounded() -> None:
    guard = Guard.fit(honest(50, 0), honest(MAX_CALIBRATION + 5, 1), 0.001, np.random.default_rng(0))
    assert guard.calibration.size == MAX_CALIBRATION


def test_the_same_seed_makes_the_same_guard(guard: Guard) -> None:
    again = Guard.fit(honest(600, 0), honest(400, 1), 0.01, np.random.default_rng(0))
    assert again.to_bytes() == guard.to_bytes()


def test_what_was_stored_is_read_back_and_safe_to_load(guard: Guard) -> None:
    read = Guard.from_bytes(guard.to_bytes())
    rows = honest(100, 6)
    assert (read.p_values(rows) == guard.p_values(rows)).all()
    assert read.alpha == guard.alpha
    assert read.to_bytes() == guard.to_bytes()
    assert scan_bytes("guard.bin", guard.to_bytes()).verdict is Verdict.SAFE


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.update(alpha=np.array([0.01, 0.01])),
        lambda a: a.update(alpha=np.array([0.0])),
        lambda a: a.update(alpha=np.array([0.001])),
        lambda a: a.update(calibration=a["calibration"][::-1].copy()),
        lambda a: a.update(calibration=a["calibration"][:0]),
        lambda a: a.update(detector=a["detector"][:-1]),
        lambda a: a.update(encoding=a["encoding"][:-1]),
    ],
)
def test_stored_bytes_that_do_not_fit_together_are_refused(guard: Guard, change) -> None:
    arrays = dict(unpack(guard.to_bytes(), Guard.KIND, LAYOUT))
    change(arrays)
    with pytest.raises(VerificationError):
        Guard.from_bytes(pack(Guard.KIND, arrays))


def test_it_tells_the_models_it_fits(guard: Guard) -> None:
    features = [Feature(name=f"n{i}", kind=FeatureKind.NUMERIC) for i in range(3)]
    features += [Feature(name=f"c{i}", kind=FeatureKind.CATEGORICAL) for i in range(2)]
    guard.check_fits(Signature(task=Task.REGRESSION, features=tuple(features)))
    with pytest.raises(VerificationError, match="3 numeric and 2 categorical features, the model 3 and 1"):
        guard.check_fits(Signature(task=Task.REGRESSION, features=tuple(features[:-1])))
