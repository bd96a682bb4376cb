"""Which coalitions of players to ask about, and how to weigh the answers, for the Shapley values of a game.

Coalitions T come in pairs with their complements: Shapley values are sums of v(T) - v(complement), in which everything
that an even number of players do together cancels (antithetic sampling; paired KernelSHAP: Covert and Lee, "Improving
KernelSHAP", AISTATS 2021). What three players do together does not: it is what makes estimates err. So, as in kriging
(Matheron 1963), coalitions are chosen that tell most of what those before them did not, and are weighed for the least
error where triples matter alike, and quintuples a little. The effect of each single player, and the sum of all, are
told exactly; so are, in the mean over random names of the players, the values of any game.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import comb, factorial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from secmlops.explain.explanation import Floats

_QUINTUPLES = 2e-3
"""Variance of what five players do together, in that of three: of forests, networks and boosted trees it is less."""
_SINGLES = 1e3
_JITTER = 1e-6
_MOST_PAIRS = 300
_POOL = 30
"""Coalitions drawn for each that is chosen, in all at most _DRAWN."""
_DRAWN = 3_000
Signs: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """``coalitions`` bool [m, d] of d players, to be asked about with their complements.

    ``weights`` [m + 1, d] say what v(T) - v(complement) adds to each player's value, for all players first.
    """

    coalitions: npt.NDArray[np.bool_]
    weights: Floats


@lru_cache(maxsize=128)
def design(players: int, walks: int) -> Design:
    """Design for ``players`` (1 or more) that asks about ``walks`` * (players - 1) pairs, or all where there are fewer.

    That is what so many walks from nobody to everybody and back pass through (Mitchell, Cooper, Frank and Holmes,
    "Sampling Permutations for Shapley Value Estimation", JMLR 2022): a single walk, or very many pairs, are left so.
    """
    pairs = walks * (players - 1)
    generator = np.random.default_rng(0)
    if 2 ** (players - 1) - 1 <= pairs:
        return _whole(players)
    if walks == 1 or pairs > _MOST_PAIRS:
        return _walked(players, walks, generator)
    signs = _chosen(players, walks, generator)
    return Design(signs[1:] > 0, _kriged(signs) / 2)


def _whole(players: int) -> Design:
    """All pairs of coalitions, with the weights of the definition."""
    numbers = np.arange(2 ** (players - 1) - 1, 0, -1)
    coalitions = (numbers[:, None] >> np.arange(players)) & 1 == 1
    everybody = np.concatenate([np.ones((1, players), bool), coalitions])
    size = everybody.sum(axis=1)
    joins = np.array([factorial(s - 1) * factorial(players - s) for s in size]) / factorial(players)
    stays = np.array([factorial(s) * factorial(max(players - s - 1, 0)) for s in size]) / factorial(players)
    return Design(coalitions, np.where(everybody, joins[:, None], -stays[:, None]))


def _walked(players: int, walks: int, generator: np.random.Generator) -> Design:
    """Coalitions that walks in random orders pass through, the first from the first player to the last."""
    orders = np.array([np.arange(players), *(generator.permutation(players) for _ in range(walks - 1))])
    turns = np.argsort(orders, axis=1)
    coalitions = turns[:, None, :] < np.arange(1, players)[:, None]
    joined = np.arange(1, players)[:, None] == turns[:, None, :] + 1
    follows = np.arange(1, players)[:, None] == turns[:, None, :]
    ends = ((turns == 0).astype(float) + (turns == players - 1)).sum(axis=0)
    steps = (joined.astype(float) - follows).reshape(-1, players)
    return Design(coalitions.reshape(-1, players), np.concatenate([ends[None], steps]) / (2 * walks))


def _chosen(players: int, walks: int, generator: np.random.Generator) -> Signs:
    """Coalitions as signs [m + 1, d], everybody first: of each size as many as walks pass through.

    One after the other that is chosen of which most is unknown, given those before: a pivoted Cholesky decomposition.
    """
    sizes = np.minimum(np.arange(1, players), players - np.arange(1, players)).repeat(walks)
    drawn = sizes.repeat(max(2, min(_POOL, _DRAWN // len(sizes))))
    ranks = generator.permuted(np.tile(np.arange(players), (len(drawn), 1)), axis=1)
    signs = np.concatenate([np.ones((1, players)), np.where(ranks < drawn[:, None], 1.0, -1.0)])
    left = np.bincount(sizes, minlength=players)
    kinds = np.concatenate([[0], drawn])
    unknown = np.full(len(signs), _SINGLES * players + _together(players)[0])
    factors = np.empty((len(sizes) + 1, len(signs)))
    chosen = np.zeros(len(sizes) + 1, np.intp)
    for place in range(len(chosen)):
        best = int(np.where(left[kinds] > 0, unknown, -np.inf).argmax()) if place else 0
        shared = signs @ signs[best]
        column = _SINGLES * shared + _together(players)[((players - shared) / 2).astype(np.intp)]
        column -= factors[:place, best] @ factors[:place]
        factors[place] = column / np.sqrt(max(column[best], _JITTER))
        unknown -= factors[place] ** 2
        left[kinds[best]] -= place > 0
        chosen[place] = best
    return signs[chosen]


def _kriged(signs: Signs) -> Floats:
    """Weights [m + 1, d] of half differences v(T) - v(complement) for coalitions [m + 1, d], everybody first."""
    rows, players = signs.shape
    apart = ((players - signs @ signs.T) / 2).astype(np.intp)
    others = ((signs < 0).sum(axis=1)[:, None] - (signs < 0)).astype(np.intp)
    triples, quintuples = (signs * _products(order, players - 1)[others] for order in (2, 4))
    aim = 2 / 3 * triples + _QUINTUPLES * 2 / 5 * quintuples
    known = np.block(
        [
            [_together(players)[apart] + _JITTER * _together(players)[0] * np.eye(rows), signs],
            [signs.T, np.zeros((players, players))],
        ]
    )
    inverse = np.linalg.inv(known)
    weights = inverse[:rows] @ np.concatenate([aim, 2 * np.eye(players)])
    everybody = np.where(np.arange(rows) == 0, 2.0, 0.0)
    weights -= (weights.sum(axis=1) - everybody)[:, None] / players
    orders = range(3, players + 1, 2)
    parts = [
        signs * _products(order - 1, players - 1)[others] * order / (2 * players * comb(players - 1, order - 1))
        for order in orders
    ]
    return _unbiased(weights, inverse[:rows, :rows], np.array(parts))


def _unbiased(weights: Floats, metric: Floats, parts: Floats) -> Floats:
    """Nearest weights that share out right, in the mean, what 3, 5 .. players do together: ``parts`` [q, m + 1, d]."""
    lacking = 1 - np.einsum("qmd,md->q", parts, weights)
    moves = metric @ (parts - parts.mean(axis=2, keepdims=True))
    gram = np.einsum("qmd,rmd->qr", parts, moves)
    steps, *_ = np.linalg.lstsq(gram, lacking, rcond=1e-10)
    corrected: Floats = weights + np.tensordot(steps, moves, 1)
    return corrected


def _together(players: int) -> Floats:
    """Covariance of two half differences by the players [d + 1] on whom the coalitions differ, but for single ones."""
    return _products(3, players) + _QUINTUPLES * _products(5, players)


@lru_cache(maxsize=256)
def _products(order: int, players: int) -> Floats:
    """Sum over all sets of ``order`` players of their signs' product, by how many signs [players + 1] are negative.

    These are the Krawtchouk polynomials.
    """
    return np.array(
        [
            sum((-1) ** odd * comb(minus, odd) * comb(players - minus, order - odd) for odd in range(order + 1))
            for minus in range(players + 1)
        ],
        np.float64,
    )
