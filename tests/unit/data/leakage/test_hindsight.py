import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.leakage.control import Leakage
from secmlops.data.leakage.hindsight import hindsight
from secmlops.data.prepare import Prepared, prepare

ROWS = 2_000
RNG = np.random.default_rng(12)
LABEL = (RNG.random(ROWS) < 0.3).astype(np.int64)
NOISE = RNG.normal(size=ROWS)
DAY = np.sort(RNG.integers(17_000, 18_000, ROWS))[RNG.permutation(ROWS)]


def dates(days: np.ndarray, mask: np.ndarray | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), pa.int32(), mask=mask).cast(pa.date32())


def prepared(task: Task = Task.BINARY, **columns: object) -> Prepared:
    table = pa.table({"noise": NOISE, "label": LABEL, "asked": dates(DAY), **columns})
    return prepare(DataSet("d", table, Digest.of(b""), task, "label", time="asked"), 0.3, 1)


def told(artifact: Prepared) -> dict[str, Severity]:
    return {f"{f.rule} {f.where}": f.severity for f in Leakage().examine(artifact).findings}


def test_features_that_were_known_are_fine() -> None:
    rng = np.random.default_rng(7)
    data = prepared(born=dates(DAY - 9_000), signal=LABEL + NOISE * 2, gap=pa.array(NOISE, mask=rng.random(ROWS) < 0.2))
    assert told(data) == {}
    measures = Leakage().examine(data).measures
    assert measures["after_features"] == measures["late_features"] == measures["fading_features"] == 0
    assert measures["look_ahead"] > 0.99
    assert "asked" not in [f.name for f in data.signature.features]


def test_a_date_after_the_moment_of_its_row_fails() -> None:
    rng = np.random.default_rng(7)
    closed = dates(DAY + 30, mask=rng.random(ROWS) < 0.5)
    assert told(prepared(closed=closed)) == {"leakage.after column 'closed'": Severity.ERROR}
    seldom = dates(np.where(np.arange(ROWS) < 5, DAY + 30, DAY - 30))
    assert told(prepared(seen=seldom)) == {"leakage.after column 'seen'": Severity.WARNING}


def test_the_day_of_the_row_itself_is_not_after_it() -> None:
    moments = pa.array((DAY * 86_400 + 40_000) * 1_000_000, pa.timestamp("us"))
    same_day = dates(DAY)
    data = prepared(asked=moments, signed=same_day)
    assert hindsight(data).after == {}  # type: ignore[union-attr]  # there is a time column


def test_what_is_not_yet_filled_in_for_the_latest_rows_is_told() -> None:
    open_cases = np.quantile(DAY, 0.88) < DAY
    data = prepared(
        recovered=pa.array(np.abs(NOISE), mask=open_cases),
        code=pa.array(np.where(NOISE > 0, "a", "b"), mask=open_cases),
    )
    assert told(data) == {
        "leakage.late column 'recovered'": Severity.WARNING,
        "leakage.late column 'code'": Severity.WARNING,
    }


def test_what_tells_nothing_of_later_rows_is_told() -> None:
    rng = np.random.default_rng(1)
    known = np.quantile(DAY, 0.75) > DAY
    score = np.where(known, LABEL * 2.5 + rng.normal(size=ROWS), rng.normal(1, 1, ROWS))
    findings = told(prepared(score=score))
    assert findings == {"leakage.fading column 'score'": Severity.WARNING}


def test_a_quantity_can_be_known_too_early_as_well() -> None:
    rng = np.random.default_rng(2)
    target = rng.normal(size=ROWS)
    known = np.quantile(DAY, 0.75) > DAY
    score = np.where(known, target + rng.normal(size=ROWS) / 2, rng.normal(size=ROWS))
    assert told(prepared(Task.REGRESSION, label=target, score=score)) == {
        "leakage.fading column 'score'": Severity.WARNING
    }


def test_numbers_that_rise_with_time_are_moments_too() -> None:
    data = prepared(asked=DAY, recovered=pa.array(NOISE, mask=np.quantile(DAY, 0.88) < DAY))
    assert told(data) == {"leakage.late column 'recovered'": Severity.WARNING}


def test_nothing_is_said_without_moments() -> None:
    table = pa.table({"noise": NOISE, "label": LABEL})
    data = prepare(DataSet("d", table, Digest.of(b""), Task.BINARY, "label"), 0.3, 1)
    assert hindsight(data) is None
    assert "look_ahead" not in Leakage().examine(data).measures
    assert hindsight(prepared(asked=dates(DAY, mask=np.arange(ROWS) > 50))) is None


@pytest.mark.parametrize("values", [["soon"] * ROWS, [True] * ROWS])
def test_a_moment_is_a_date_or_a_number(values: list[object]) -> None:
    with pytest.raises(InputError, match="not a date"):
        prepared(asked=values)


def test_the_label_is_no_moment() -> None:
    table = pa.table({"noise": NOISE, "label": DAY})
    with pytest.raises(InputError, match="both label and time"):
        DataSet("d", table, Digest.of(b""), Task.REGRESSION, "label", time="label")
