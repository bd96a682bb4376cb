"""A client's places: a fixed number, those visited lately stay."""

from secmlops.detect.clients.places import PLACES, Place, Places


def test_visits_count_and_so_do_other_labels():
    place = Place(1)
    for label in (1, 0, 0, 0):
        place.visit(label)
    assert (place.visits, place.others) == (5, 3)
    assert place.rarer == 0.4


def test_slots_are_all_used_before_one_is_forgotten():
    places = Places()
    slots = [places.remember(Place(i)) for i in range(PLACES)]
    assert sorted(slots) == list(range(PLACES))
    assert [places[slot].label for slot in slots] == list(range(PLACES))


def test_a_place_that_is_visited_outlives_those_that_are_not():
    places = Places()
    kept = places.remember(Place(-1))
    for i in range(10 * PLACES):
        places.remember(Place(i))
        places[kept].visit(-1)
    assert places[kept].label == -1


def test_one_not_visited_is_forgotten():
    places = Places()
    slot = places.remember(Place(-1))
    for i in range(2 * PLACES):
        places.remember(Place(i))
    assert places[slot].label != -1
