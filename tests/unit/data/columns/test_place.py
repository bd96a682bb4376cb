"""A place tells nothing about its column, and no two have one address or one prefix."""

from kits.columns_world import DATASET, OTHER, PROJECT
from secmlops.data.columns.place import Place
from secmlops.vault.data_key import DataKey

KEY, ANOTHER = DataKey.generate(), DataKey.generate()


def test_the_address_of_a_column_can_be_found_with_the_key_of_the_index_only():
    place = Place.of_column(DATASET, "income", KEY)
    assert place.address == Place.of_column(DATASET, "income", KEY).address
    others = {
        Place.of_column(DATASET, "income", ANOTHER).address,
        Place.of_column(DATASET, "loans", KEY).address,
        Place.of_column(OTHER, "income", KEY).address,
    }
    assert len({place.address, *others}) == 4


def test_the_prefix_binds_project_data_set_column_and_key():
    prefixes = {
        Place.of_column(dataset, column, KEY).prefix(project, key)
        for dataset in (DATASET, OTHER)
        for column in ("income", "loans")
        for project in (PROJECT, "other")
        for key in (KEY, ANOTHER)
    }
    prefixes |= {Place.of_index(DATASET).prefix(PROJECT, KEY), Place.of_index(OTHER).prefix(PROJECT, KEY)}
    assert len(prefixes) == 18
    assert {len(prefix) for prefix in prefixes} == {32}


def test_a_place_is_told_in_words():
    assert str(Place.of_column(DATASET, "income", KEY)) == f"column 'income' of {DATASET}"
    assert str(Place.of_index(DATASET)) == f"data set {DATASET}"
