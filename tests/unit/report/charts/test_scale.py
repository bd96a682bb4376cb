import pytest

from secmlops.report.charts.scale import Scale, bounds, nice_step


def test_values_land_in_proportion_and_outsiders_on_the_border() -> None:
    scale = Scale(0, 10, 100, 200)
    assert [scale(v) for v in (0, 5, 10, -3, 99)] == [100, 150, 200, 100, 200]


def test_an_axis_may_run_upwards() -> None:
    assert Scale(0, 1, 300, 20)(1) == 20


def test_a_scale_without_extent_puts_everything_in_its_middle() -> None:
    assert Scale(3, 3, 0, 100)(3) == 50


def test_a_logarithmic_scale_spaces_by_ratio() -> None:
    scale = Scale(1, 100, 0, 100, log=True)
    assert scale(10) == pytest.approx(50)
    assert scale.ticks() == (1, 2, 5, 10, 20, 50, 100)
    assert Scale(400, 5000, 0, 1, log=True).ticks() == (500, 1000, 2000, 5000)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.75, 1, ["0.75", "0.80", "0.85", "0.90", "0.95", "1.00"]),
        (0, 12000, ["0", "2,500", "5,000", "7,500", "10,000"]),
        (-1, 1, ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
        (0, 0.0005, ["0.0000", "0.0001", "0.0002", "0.0003", "0.0004", "0.0005"]),
    ],
)
def test_ticks_are_round_and_written_alike(low: float, high: float, ticks: list[str]) -> None:
    scale = Scale(low, high, 0, 100)
    assert [scale.written(t) for t in scale.ticks()] == ticks


def test_ticks_of_a_logarithmic_axis_are_written_whole() -> None:
    scale = Scale(1, 5000, 0, 100, log=True)
    assert [scale.written(t) for t in (1, 20, 5000)] == ["1", "20", "5,000"]


@pytest.mark.parametrize(
    ("raw", "step"), [(0.13, 0.2), (0.2, 0.2), (21, 25), (3, 5), (6, 10), (0, 1), (float("inf"), 1)]
)
def test_steps_are_round(raw: float, step: float) -> None:
    assert nice_step(raw) == pytest.approx(step)


@pytest.mark.parametrize(("low", "high"), [(0.77, 0.98), (0.5, 0.5), (0, 0), (-3, 40), (1e-9, 2e-9), (1e6, 1.1e6)])
def test_bounds_hold_their_values(low: float, high: float) -> None:
    under, over = bounds(low, high)
    assert under <= low + 1e-12
    assert over >= high - 1e-12
    assert under < over
