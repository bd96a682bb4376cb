"""Places for connections: bounded in all and for each address, and all of them given back."""

from hypothesis import given
from hypothesis import strategies as st

from secmlops.gateway.slots import MOST, MOST_OF_ADDRESS, Slots


def test_one_address_takes_not_every_place():
    slots = Slots()
    assert [slots.take("a") for _ in range(MOST)] == [0] * MOST_OF_ADDRESS + [429] * (MOST - MOST_OF_ADDRESS)
    assert slots.take("b") == 0


def test_all_together_take_no_more_than_there_are():
    slots = Slots(2, 2)
    assert [slots.take(one) for one in "abc"] == [0, 0, 503]
    slots.free("a")
    assert slots.take("c") == 0


def test_who_has_a_network_of_addresses_takes_not_every_place():
    slots = Slots(9, 3)
    assert [slots.take(f"2001:db8::{n}") for n in range(4)] == [0, 0, 0, 429]
    slots.free("2001:db8::2")
    assert [slots.take("2001:db8::7"), slots.take("2001:db8:0:1::7")] == [0, 0]


@given(st.lists(st.sampled_from("abcd"), max_size=60))
def test_whatever_comes_and_goes_the_bounds_hold_and_nothing_is_kept(names):
    slots, held = Slots(6, 3), []
    for name in names:
        if held.count(name) and len(held) % 2:
            held.remove(name)
            slots.free(name)
        elif slots.take(name) == 0:
            held.append(name)
        assert len(held) <= 6
        assert held.count(name) <= 3
    for name in held:
        slots.free(name)
    assert [slots.take("e") for _ in range(3)] == [0] * 3
