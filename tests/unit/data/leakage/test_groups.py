from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.leakage.control import Leakage
from secmlops.data.leakage.groups import shared_groups, undeclared_groups
from secmlops.data.prepare import Prepared, prepare

ROWS = 600
RNG = np.random.default_rng(10)
LABEL = RNG.integers(0, 2, ROWS)
MACHINE = RNG.integers(0, 60, ROWS)
NOISE = RNG.normal(size=ROWS)


def prepared(groups: tuple[str, ...] = (), **columns: object) -> Prepared:
    table = pa.table({"noise": NOISE, "label": LABEL, **columns})
    return prepare(DataSet("d", table, Digest.of(b""), Task.BINARY, "label", groups=groups), 0.3, 1)


def told(artifact: Prepared) -> dict[str, Severity]:
    return {f"{f.rule} {f.where}": f.severity for f in Leakage().examine(artifact).findings}


def test_all_rows_of_a_group_stay_on_one_side_and_none_is_a_feature() -> None:
    data = prepared(("machine", "site"), machine=MACHINE, site=[f"s{m // 2}" for m in MACHINE])
    assert shared_groups(data) == {"machine": 0, "site": 0}
    assert [f.name for f in data.signature.features] == ["noise"]
    assert data.left_out["machine"] == "names a group of rows"
    assert 0.2 < len(data.holdout) / ROWS < 0.4
    examination = Leakage().examine(data)
    assert examination.measures["shared_groups"] == 0
    assert not examination.findings


def test_rows_without_a_group_stand_alone() -> None:
    data = prepared(("machine",), machine=pa.array(MACHINE, mask=MACHINE < 40))
    assert 0.25 < len(data.holdout) / ROWS < 0.35
    assert shared_groups(data) == {"machine": 0}


def test_groups_on_both_sides_fail() -> None:
    data = replace(prepared(("machine",), machine=MACHINE), grouped={"machine": MACHINE})
    mixed = replace(data, train_rows=np.arange(400), holdout_rows=np.arange(400, 600))
    assert told(mixed) == {"leakage.groups column 'machine'": Severity.ERROR}
    assert Leakage().examine(mixed).measures["shared_groups"] > 50


@pytest.mark.parametrize("header", ["machine_id", "Patient", "customer no", "device"])
def test_things_with_several_rows_that_nobody_declared_are_told(header: str) -> None:
    data = prepared(**{header: [f"m{m}" for m in MACHINE]})
    assert told(data) == {f"leakage.undeclared-groups column {header!r}": Severity.WARNING}
    assert undeclared_groups(prepared(**{header: MACHINE})) == (header,)


@pytest.mark.parametrize(
    ("header", "values"),
    [("wear", MACHINE), ("machine", MACHINE % 5), ("machine_id", np.arange(ROWS)), ("validity", MACHINE)],
)
def test_properties_and_identifiers_are_no_groups(header: str, values: np.ndarray) -> None:
    assert undeclared_groups(prepared(**{header: values})) == ()


def test_one_group_for_all_leaves_nothing_to_judge_by() -> None:
    with pytest.raises(InputError, match="too few"):
        prepared(("machine",), machine=np.zeros(ROWS, np.int64))


def test_a_label_names_no_group() -> None:
    with pytest.raises(InputError, match="both label and groups"):
        prepared(("label",))
