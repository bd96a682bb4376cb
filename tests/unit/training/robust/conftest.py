"""A small table with everything an adversary meets: prices, whole numbers, sums, fixed and missing values, texts."""

from collections.abc import Callable

import numpy as np
import pytest

from secmlops.attack.evasion.adversary import Adversary
from secmlops.attack.evasion.perturbations import Norm, Perturbations
from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature


@pytest.fixture(scope="session")
def signature() -> Signature:
    numeric = [Feature(name=name, kind=FeatureKind.NUMERIC, integer=name == "count") for name in ("a", "b", "count")]
    numeric.append(Feature(name="age", kind=FeatureKind.NUMERIC))
    texts = [Feature(name=name, kind=FeatureKind.CATEGORICAL) for name in ("colour", "shape", "sex")]
    return Signature(task=Task.MULTICLASS, features=(*numeric, *texts), classes=("x", "y", "z"))


@pytest.fixture(scope="session")
def data() -> tuple[Inputs, np.ndarray]:
    draw = np.random.default_rng(2)
    numeric = draw.normal(size=(90, 4)).astype(np.float32)
    numeric[:, 2] = draw.integers(0, 9, 90)
    target = (numeric[:, 0] + numeric[:, 3] > 0).astype(np.int64) + (numeric[:, 2] > 6)
    numeric[::9, 1] = np.nan
    categorical = np.array(["red", "blue", "green", ""], object)[draw.integers(0, 4, (90, 3))]
    return Inputs(numeric, categorical), target


@pytest.fixture(scope="session")
def allowed(signature: Signature, data: tuple[Inputs, np.ndarray]) -> Callable[..., Perturbations]:
    """What somebody may do who cannot change age and sex, by a norm, perhaps with a sum that holds."""

    def build(norm: Norm = Norm.L2, *, sums: bool = False) -> Perturbations:
        adversary = Adversary(
            fixed=("age", "sex"),
            prices={"a": 0.5, "colour": 0.5, "shape": 0.5},
            sums=("a + b",) if sums else (),
            norm=norm,
        )
        return adversary.perturbations(signature, data[0])

    return build
