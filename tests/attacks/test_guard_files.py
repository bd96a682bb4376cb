"""Ways to slip another guard under a model: each must be refused when it is read, or when it is held to the model."""

import numpy as np
import pytest

from secmlops.core.errors import VerificationError
from secmlops.core.task import Task
from secmlops.detect.exact_neighbours import ExactNeighbours
from secmlops.detect.guard import Guard
from secmlops.runtime.arrays import pack, unpack
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

LAYOUT = {"alpha": ("F64", 1), "calibration": ("F64", 1), "detector": ("U8", 1), "encoding": ("U8", 1)}


def guard_of(numbers: int, texts: int) -> Guard:
    rng = np.random.default_rng(0)
    rows = Inputs(
        rng.normal(size=(300, numbers)).astype(np.float32), rng.integers(0, 3, (300, texts)).astype(str).astype(object)
    )
    return Guard.fit(rows.take(slice(150)), rows.take(slice(150, None)), 0.05, rng)


def test_a_guard_cut_anywhere_is_refused() -> None:
    data = guard_of(3, 1).to_bytes()
    for end in [*range(0, len(data) - 1, 97), len(data) - 1]:
        with pytest.raises(VerificationError):
            Guard.from_bytes(data[:end])


def test_bytes_behind_a_guard_are_refused() -> None:
    with pytest.raises(VerificationError):
        Guard.from_bytes(guard_of(3, 1).to_bytes() + b" ")


def test_the_parts_of_another_guard_are_refused() -> None:
    mine, other = (dict(unpack(guard_of(*widths).to_bytes(), Guard.KIND, LAYOUT)) for widths in ((3, 1), (4, 2)))
    for part in ("detector", "encoding"):
        with pytest.raises(VerificationError, match="columns"):
            Guard.from_bytes(pack(Guard.KIND, {**mine, part: other[part]}))


def test_another_detector_passed_off_as_a_guard_is_refused() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    with pytest.raises(VerificationError, match="a stored guard was expected"):
        Guard.from_bytes(ExactNeighbours.fit(rows, np.random.default_rng(0)).to_bytes())


def test_a_guard_that_could_never_flag_is_refused() -> None:
    parts = dict(unpack(guard_of(3, 1).to_bytes(), Guard.KIND, LAYOUT))
    with pytest.raises(VerificationError, match="too few"):
        Guard.from_bytes(pack(Guard.KIND, {**parts, "alpha": np.array([0.001])}))


@pytest.mark.parametrize(("numbers", "texts"), [(4, 1), (3, 2), (2, 2), (3, 0)])
def test_the_guard_of_a_model_with_other_features_is_refused(numbers: int, texts: int) -> None:
    features = [Feature(name=f"n{i}", kind=FeatureKind.NUMERIC) for i in range(numbers)]
    features += [Feature(name=f"c{i}", kind=FeatureKind.CATEGORICAL) for i in range(texts)]
    with pytest.raises(VerificationError, match="the guard takes 3 numeric and 1 categorical"):
        guard_of(3, 1).check_fits(Signature(task=Task.REGRESSION, features=tuple(features)))
