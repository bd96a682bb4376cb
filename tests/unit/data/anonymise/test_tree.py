from secmlops.data.anonymise.hierarchy import Hierarchy
from secmlops.data.anonymise.tree import plant

PLACES = Hierarchy.from_nested({"Europe": ["Delft", "Ghent"], "Asia": {"Japan": ["Kobe", "Nara"]}, "Oslo": []})


def test_groups_are_ranges_of_leaves_the_largest_first() -> None:
    tree = plant(PLACES, {"Delft": 1, "Kobe": 5, "Ghent": 2, "Nara": 9, "Oslo": 4})
    assert tree.leaves == ("Nara", "Kobe", "Oslo", "Ghent", "Delft")
    assert [group.tolist() for group in tree.groups] == [
        [0, 0, 0, 0, 0],
        [0, 0, 1, 2, 2],
        [0, 0, 1, 2, 3],
        [0, 1, 2, 3, 4],
    ]
    assert tree.names[1] == ("Asia", "Oslo", "Europe")
    assert tree.names[2] == ("Japan", "Oslo", "Ghent", "Delft")
    assert tree.starts[1].tolist() == [0, 2, 3]
    assert tree.height == 3
    assert tree.shares(1).tolist() == [0.4, 0.2, 0.4]


def test_only_values_that_occur_are_leaves() -> None:
    assert set(plant(PLACES, {"Ghent": 2, "Oslo": 1}).leaves) == {"Ghent", "Oslo"}
