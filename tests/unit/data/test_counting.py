import pytest

from secmlops.data.counting import counted


@pytest.mark.parametrize(("count", "told"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (12345, "12,345 rows")])
def test_only_one_is_singular(count: int, told: str) -> None:
    assert counted(count, "row") == told
