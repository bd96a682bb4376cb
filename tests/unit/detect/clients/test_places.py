"""The memory of one client: of constant size, the longest unvisited goes first."""

import numpy as np

from secmlops.detect.clients.places import PLACES, Place, Places


def at(*values):
    return np.array(values, np.float32)


def test_the_nearest_place_is_sighted():
    places = Places(3)
    assert places.sight(at(0, 0, 0)).place is None
    near, far = Place(0, strange=False, undecided=False), Place(1, strange=False, undecided=False)
    places.remember(at(1, 0, 0), near)
    places.remember(at(9, 0, 0), far)
    sighting = places.sight(at(0, 0, 0))
    assert sighting.place is near
    assert sighting.distance == 1


def test_the_longest_unvisited_is_forgotten():
    places = Places(1)
    first = Place(0, strange=False, undecided=False)
    places.remember(at(0), first)
    for i in range(1, PLACES):
        places.remember(at(i), Place(0, strange=False, undecided=False))
    places.visit(first, places.sight(at(0)).slot, 1)
    places.remember(at(1000), Place(0, strange=False, undecided=False))
    assert places.sight(at(0)).place is first
    assert places.sight(at(1)).distance == 1
    assert (first.visits, first.others) == (2, 1)


def test_one_case_tried_out_in_two_columns_is_recognised():
    places = Places(5)
    places.remember(at(0, 0, 0, 0, 0), Place(0, strange=False, undecided=False))
    assert places.varies(at(9, -9, 0.1, 0, 0), 0.1)
    assert not places.varies(at(9, -9, 0.2, 0, 0), 0.1)


def test_flips_nearby_are_those_of_other_places():
    places = Places(1)
    places.remember(at(0), Place(0, strange=False, undecided=False, flipped=True))
    own = places.sight(at(0)).slot
    assert not places.flipped_nearby(own, 100)
    places.remember(at(3), Place(0, strange=False, undecided=False))
    other = places.sight(at(3)).slot
    assert places.flipped_nearby(other, 3.1)
    assert not places.flipped_nearby(other, 2.9)
