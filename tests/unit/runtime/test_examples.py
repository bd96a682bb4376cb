import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs


def inputs(rows: int) -> Inputs:
    return Inputs(np.arange(rows, dtype=np.float32)[:, None], np.empty((rows, 0), object))


def test_take_keeps_inputs_target_and_groups_together() -> None:
    examples = Examples(inputs(4), np.array([0, 1, 0, 1]), {"sex": np.array(["f", "m", "f", "m"], object)})
    taken = examples.take(np.array([3, 0]))
    assert len(taken) == 2
    assert taken.inputs.numeric.tolist() == [[3.0], [0.0]]
    assert taken.target.tolist() == [1, 0]
    assert taken.groups["sex"].tolist() == ["m", "f"]


@pytest.mark.parametrize(("target", "group"), [(3, 4), (4, 3)])
def test_different_lengths_are_refused(target: int, group: int) -> None:
    with pytest.raises(InputError, match="different lengths"):
        Examples(inputs(4), np.zeros(target), {"sex": np.full(group, "f", object)})
