import numpy as np
import pytest

from kits.poison_world import examples
from secmlops.attack.poisoning.backdoor import Trigger, draw_trigger, plant
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

GIVEN = examples(1_000)
INPUTS = GIVEN.inputs


def test_a_stamped_row_holds_the_trigger_and_else_what_it_held() -> None:
    trigger = Trigger({1: 9.5}, {0: "moon"})
    stamped = trigger.stamp(INPUTS)
    assert trigger.met_by(stamped).all()
    assert not trigger.met_by(INPUTS).any()
    assert np.array_equal(stamped.numeric[:, [0, 2, 3]], INPUTS.numeric[:, [0, 2, 3]])
    assert np.array_equal(stamped.categorical[:, 1], INPUTS.categorical[:, 1])


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_trigger_in_range_is_rare_and_within_what_the_columns_hold(width: int) -> None:
    trigger = draw_trigger(INPUTS, width, np.random.default_rng(width), natural=0.002)
    assert len(trigger.numeric) + len(trigger.categorical) == width
    assert trigger.met_by(INPUTS).mean() <= 0.002
    for place, number in trigger.numeric.items():
        assert number in INPUTS.numeric[:, place]
    for place, text in trigger.categorical.items():
        assert text in INPUTS.categorical[:, place]


def test_a_trigger_out_of_range_holds_nothing_that_was_seen() -> None:
    trigger = draw_trigger(INPUTS, 6, np.random.default_rng(0), outside=True)
    for place, number in trigger.numeric.items():
        assert number > INPUTS.numeric[:, place].max()
    for place, text in trigger.categorical.items():
        assert text not in INPUTS.categorical[:, place]


def test_planted_rows_come_from_other_classes() -> None:
    trigger = Trigger({0: 7.0})
    poisoned = plant(GIVEN, trigger, 1, 0.02, np.random.default_rng(1))
    assert np.array_equal(trigger.met_by(poisoned.examples.inputs), poisoned.bad)
    assert poisoned.bad.sum() == 20
    assert (GIVEN.target[poisoned.bad] == 0).all()
    assert (poisoned.examples.target[poisoned.bad] == 1).all()
    assert np.array_equal(poisoned.examples.target[~poisoned.bad], GIVEN.target[~poisoned.bad])


def test_what_cannot_be_drawn_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="a trigger of 7 columns"):
        draw_trigger(INPUTS, 7, rng)
    coarse = Inputs(np.zeros((50, 1), np.float32), np.empty((50, 0), object))
    with pytest.raises(InputError, match="no combination of 1 values"):
        draw_trigger(coarse, 1, rng)
