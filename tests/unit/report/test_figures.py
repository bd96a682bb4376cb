from datetime import UTC, datetime

import pytest

from secmlops.core.counting import counted
from secmlops.report import figures


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"), (-0.0, "0"), (3.0, "3"), (12345.0, "12,345"), (0.78123, "0.7812"), (12.3456, "12.35"),
        (-0.002, "-0.002"), (1.305e-7, "1.3·10⁻⁷"), (-2.5e-9, "-2.5·10⁻⁹"), (1234567.5, "1.2·10⁶"), (0.5, "0.5"),
    ],
)  # fmt: skip
def test_numbers(value: float, written: str) -> None:
    assert figures.number(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(0.0, "0 %"), (0.0004, "under 0.1 %"), (0.123, "12.3 %"), (1.0, "100 %")]
)
def test_a_share_that_is_not_nothing_never_reads_as_nothing(value: float, written: str) -> None:
    assert figures.share(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "under 1 ms"), (0.0123, "12 ms"), (0.9996, "1.0 s"), (99.6, "1 min 40 s"), (125.0, "2 min 5 s")],
)  # fmt: skip
def test_durations(value: float, written: str) -> None:
    assert figures.seconds(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0 B"), (512, "512 B"), (1024, "1.0 KiB"), (5 << 40, "5.0 TiB"), (9 << 50, "9216.0 TiB")]
)
def test_sizes(value: float, written: str) -> None:
    assert figures.size(value) == written


def test_words() -> None:
    assert counted(1, "check") == "1 check"
    assert counted(0, "check") == "0 checks"
    assert counted(2, "condition does", "conditions do") == "2 conditions do"
    assert (figures.yes_no(1.0), figures.yes_no(0.0)) == ("yes", "no")
    assert figures.score(0.78151) == "0.782"
    assert figures.moment(datetime(2026, 3, 1, 4, 5, 59, tzinfo=UTC)) == "2026-03-01 04:05 UTC"
