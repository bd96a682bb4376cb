"""A bounded table whose regulars no flood of newcomers pushes out."""

import pytest

from secmlops.core.errors import InputError
from secmlops.detect.clients.table import OFTEN, Table


def filled(size=8, dropped=None):
    made = iter(range(10**6))
    return Table(size, lambda: next(made), None if dropped is None else dropped.append)


def test_a_name_keeps_its_entry():
    table = filled()
    first = table.get("a")
    assert all(table.get("a") == first for _ in range(3 * OFTEN))
    assert table.get("b") != first


def test_it_never_holds_more_than_its_size():
    table = filled()
    for i in range(100):
        table.get(str(i % 37))
        assert len(table) <= 8


def test_a_flood_of_newcomers_leaves_the_regulars_in():
    table = filled()
    for _ in range(OFTEN):
        table.get("regular")
    for i in range(1000):
        table.get(f"new {i}")
    assert "regular" in table
    assert "new 1" not in table
    assert "new 999" in table


def test_regulars_give_way_to_regulars_only_and_the_oldest_goes_first():
    dropped = []
    table = filled(dropped=dropped)
    for i in range(7):
        for _ in range(OFTEN):
            table.get(str(i))
    assert "0" not in table
    assert all(str(i) in table for i in range(1, 7))
    assert dropped == [0]


def test_every_entry_forgotten_is_told_once():
    dropped = []
    table = filled(dropped=dropped)
    for i in range(50):
        table.get(str(i))
    assert dropped == list(range(48))


def test_a_table_without_room_is_refused():
    with pytest.raises(InputError, match="too small"):
        filled(3)
