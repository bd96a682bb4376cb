"""Coalitions and their weights: what they tell exactly, and how much less they err than walks of the same price."""

from itertools import permutations

import numpy as np
import pytest

from secmlops.explain.coalitions import design

PLAYERS = 6


def masks(players: int) -> np.ndarray:
    return (np.arange(2**players)[:, None] >> np.arange(players)) & 1 == 1


def shapley(game: np.ndarray, players: int) -> np.ndarray:
    """Values [d] of a game [2^d] by their definition: mean steps over all orders."""
    total = np.zeros(players)
    orders = list(permutations(range(players)))
    for order in orders:
        reached = np.concatenate([[0], np.cumsum([1 << player for player in order])])
        total[list(order)] += np.diff(game[reached])
    return total / len(orders)


def estimated(game: np.ndarray, players: int, walks: int, names: np.ndarray) -> np.ndarray:
    """Estimates [d] from the coalitions of the design under other names of the players."""
    chosen = design(players, walks)
    asked = np.concatenate([np.ones((1, players), bool), chosen.coalitions])
    numbers = asked @ (1 << names)
    values = np.empty(players)
    values[names] = (game[numbers] - game[2**players - 1 - numbers]) @ chosen.weights
    return values


@pytest.mark.parametrize("walks", [1, 2, 5])
def test_single_players_and_pairs_are_told_exactly_and_everything_is_shared_out(walks: int) -> None:
    rng = np.random.default_rng(walks)
    of = masks(PLAYERS).astype(float)
    alone, both = rng.normal(size=PLAYERS), np.triu(rng.normal(size=(PLAYERS, PLAYERS)), 1)
    simple = of @ alone + np.einsum("si,ij,sj->s", of, both, of)
    names = rng.permutation(PLAYERS)
    expected = alone + (both.sum(axis=0) + both.sum(axis=1)) / 2
    np.testing.assert_allclose(estimated(simple, PLAYERS, walks, names), expected, atol=1e-7)
    wild = rng.normal(size=2**PLAYERS)
    assert estimated(wild, PLAYERS, walks, names).sum() == pytest.approx(wild[-1] - wild[0], abs=1e-9)


@pytest.mark.parametrize("walks", [1, 2, 5])
def test_in_the_mean_over_names_any_game_is_told_exactly(walks: int) -> None:
    game = np.random.default_rng(9).normal(size=2**PLAYERS)
    told = [estimated(game, PLAYERS, walks, np.array(names)) for names in permutations(range(PLAYERS))]
    np.testing.assert_allclose(np.mean(told, axis=0), shapley(game, PLAYERS), atol=1e-6)


def test_all_coalitions_are_asked_about_where_they_are_few() -> None:
    game = np.random.default_rng(10).normal(size=2**PLAYERS)
    assert len(design(PLAYERS, 7).coalitions) == 2 ** (PLAYERS - 1) - 1
    np.testing.assert_allclose(estimated(game, PLAYERS, 7, np.arange(PLAYERS)), shapley(game, PLAYERS), atol=1e-12)


@pytest.mark.parametrize(("walks", "times"), [(2, 2), (4, 4)])
def test_triples_are_told_with_less_error_than_walks_of_the_same_price_leave(walks: int, times: float) -> None:
    players, rng = 12, np.random.default_rng(11)
    of = masks(players)
    names = [rng.permutation(players) for _ in range(60)]
    off = np.zeros(2)
    for _ in range(20):
        triple = rng.choice(players, 3, replace=False)
        game = of[:, triple].all(axis=1).astype(float)
        truth = np.isin(np.arange(players), triple) / 3
        off[0] += sum(np.square(estimated(game, players, 1, name) - truth).sum() for name in names) / walks
        off[1] += sum(np.square(estimated(game, players, walks, name) - truth).sum() for name in names)
    assert off[0] > times * off[1]


def test_where_pairs_would_be_very_many_walks_are_asked_about() -> None:
    chosen = design(400, 2)
    sizes = chosen.coalitions.sum(axis=1)
    assert sizes.tolist() == [*range(1, 400), *range(1, 400)]
    alone = np.random.default_rng(12).normal(size=400)
    asked = np.concatenate([np.ones((1, 400), bool), chosen.coalitions])
    np.testing.assert_allclose((asked @ alone - ~asked @ alone) @ chosen.weights, alone, atol=1e-9)
