"""Bets against honesty: the promise to honest clients, and the speed against others."""

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.detect.clients.evidence import Bets, Evidence

BETS = Bets.against(((0.05, 0.1), (0.3, 0.4)))


def peak(p_values, bets=BETS):
    evidence = Evidence(bets)
    return max(evidence.add(bets.cell(p)) for p in p_values)


def worst_honest(generator, number):
    """P-values just within the bounds: a tenth up to 0.05, four tenths up to 0.3."""
    cells = generator.choice([0.01, 0.2, 0.9], number, p=[0.1, 0.3, 0.6])
    return cells.tolist()


def test_honest_clients_rarely_grow_rich_however_long_one_watches():
    generator = np.random.default_rng(1)
    peaks = np.array([peak(worst_honest(generator, 2000)) for _ in range(300)])
    for wealth in (10, 20, 100):
        assert (peaks >= wealth).mean() <= 1 / wealth + 3 * (1 / wealth / 300) ** 0.5


def test_the_expected_wealth_of_the_worst_honest_client_does_not_grow():
    generator = np.random.default_rng(2)
    final = []
    for _ in range(4000):
        evidence = Evidence(BETS)
        final.append([evidence.add(BETS.cell(p)) for p in worst_honest(generator, 12)][-1])
    assert np.mean(final) < 1.1


@pytest.mark.parametrize("honest", [0, 30, 1000])
def test_an_attack_is_found_soon_whenever_it_begins(honest):
    evidence = Evidence(BETS)
    for p in np.random.default_rng(3).random(honest):
        evidence.add(BETS.cell(float(p)))
    wealth = [evidence.add(0) for _ in range(14)]
    assert wealth[-1] > 1e5


def test_wealth_stays_finite():
    assert np.isfinite(peak([0.0] * 2000))


def test_a_p_value_on_a_level_counts_as_up_to_it():
    assert [BETS.cell(p_value) for p_value in (0.0, 0.05, 0.050001, 0.3, 0.300001, 1.0)] == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    "bounds",
    [(), ((0.1, 0.05),), ((0.1, 1.0),), ((-0.1, 0.5),), ((0.0, 0.0),), ((0.2, 0.3), (0.1, 0.3)), ((0.1, 0.3),) * 2],
)
def test_what_are_no_bounds_is_refused(bounds):
    with pytest.raises(InputError, match="no bounds"):
        Bets.against(bounds)


def test_a_cell_above_every_level_adds_to_the_rounds_only():
    one, other = Evidence(BETS), Evidence(BETS)
    for cell in (0, 2, 2, 0, 2):
        one.add(cell)
        if cell < other.cells:
            other.add(cell)
        else:
            other.rounds += 1
    assert one.add(0) == other.add(0) > 1
