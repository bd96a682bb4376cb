from collections.abc import Callable

import pytest

from secmlops.core.errors import InputError
from secmlops.data.anonymise.hierarchy import ROOT, Hierarchy

PLACES = {"Europe": ["Delft", "Ghent"], "Asia": {"Japan": ["Kobe", "Nara"]}}


def test_a_path_climbs_to_the_root() -> None:
    assert Hierarchy.from_nested(PLACES).path("Nara") == ("Nara", "Japan", "Asia", ROOT)


def test_levels_and_nested_groups_say_the_same() -> None:
    rows = [["Delft", "Europe"], ["Ghent", "Europe", ROOT], ["Kobe", "Japan", "Asia"], ["Nara", "Japan", "Asia"]]
    assert Hierarchy.from_levels(rows).parent == Hierarchy.from_nested(PLACES).parent


def test_a_level_that_repeats_its_name_is_one_group() -> None:
    assert Hierarchy.from_levels([["a", "a", "g", "g"]]).path("a") == ("a", "g", ROOT)


def test_a_cycle_is_refused_and_shown() -> None:
    with pytest.raises(InputError, match="cycle") as refused:
        Hierarchy({"leaf": "a", "a": "b", "b": "c", "c": "a", "other": ROOT})
    assert refused.value.hint == "take one of these out of the next: 'a' in 'b' in 'c' in 'a'"


@pytest.mark.parametrize(
    "made",
    [
        lambda: Hierarchy.from_nested({"Europe": {"Benelux": {"Delft": ["Europe"]}}}, "place"),
        lambda: Hierarchy.from_levels([["Delft", "Benelux", "Europe"], ["Europe", "Delft"]], "place"),
    ],
)
def test_what_is_put_below_itself_is_a_cycle_with_its_way_round(made: Callable[[], Hierarchy]) -> None:
    with pytest.raises(InputError, match="in a cycle") as refused:
        made()
    assert str(refused.value.hint).endswith(": 'Europe' in 'Delft' in 'Benelux' in 'Europe'")
    assert str(refused.value.where).startswith("place")


def test_a_way_round_tells_no_personal_value_and_only_the_ends_of_a_long_one() -> None:
    ring = ["anna@example.org", *(f"g{n}" for n in range(20))]
    with pytest.raises(InputError) as refused:
        Hierarchy(dict(zip(ring, [*ring[1:], ring[0]], strict=True)))
    assert str(refused.value.hint).count(" in ") == 10
    assert "anna" not in str(refused.value)


def test_a_group_that_is_its_own_group_is_a_cycle() -> None:
    with pytest.raises(InputError, match="cycle"):
        Hierarchy({"a": "a"})


def test_a_path_that_ends_before_the_root_is_a_hole() -> None:
    with pytest.raises(InputError, match=r"hole.*ends at 'leaf' in 'group'"):
        Hierarchy({"leaf": "group"})


@pytest.mark.parametrize("cell", [None, "", " "])
def test_an_empty_level_is_a_hole(cell: str | None) -> None:
    with pytest.raises(InputError, match="hole: an empty level") as refused:
        Hierarchy.from_levels([["a", "g"], ["b", cell]], "places.csv")
    assert refused.value.where == "places.csv, row 2"


def test_a_value_without_a_place_is_a_hole() -> None:
    with pytest.raises(InputError, match="hole"):
        Hierarchy.from_nested(PLACES).path("Lima")


def test_a_group_in_two_others_is_refused() -> None:
    with pytest.raises(InputError, match=r"two others.*'g' in 'x' and 'g' in 'y'"):
        Hierarchy.from_levels([["a", "g", "x"], ["b", "g", "y"]])


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match=r"twice.*'a' in 'g' and 'a' in 'h'"):
        Hierarchy.from_nested({"g": ["a"], "h": ["a"]})


def test_nothing_is_above_the_root() -> None:
    with pytest.raises(InputError, match="above it"):
        Hierarchy({ROOT: "more", "more": ROOT})


def test_very_many_levels_are_refused() -> None:
    with pytest.raises(InputError, match="levels"):
        Hierarchy({str(level): str(level + 1) for level in range(40)} | {"40": ROOT})


def test_a_value_is_added_once() -> None:
    whole = Hierarchy.from_nested(PLACES)
    assert whole.with_value("new").path("new") == ("new", ROOT)
    assert whole.with_value("Delft") is whole
