"""Finds rows that nearly repeat another one: equal but for one column, or but for rounding. Hashed, never paired."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.quality.columns import Codes, JudgedColumns, Numbers
from secmlops.data.values import factorise

MINIMUM_COLUMNS = 4
_GRIDS = 4
_CELL = 10.0  # tolerances
_DEPENDENCE = 10.0
_FEW_PAIRS = 3
_SEED = 20_091

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Row numbers, ascending.

    ``near`` are rows that nearly repeat an earlier one and are not its exact copy; ``contradicting`` are rows of which
    another one has the same features and another label. ``by_chance`` are near rows that columns of few values bring
    about by themselves: not more than ten times what independent columns would.
    """

    near: Places
    contradicting: Places
    by_chance: Places


def find_duplicates(columns: JudgedColumns, label: Codes, tolerance: float) -> Duplicates:
    """Compare all rows; two are equal but for rounding if no number differs by more than ``tolerance`` of its spread.

    Near rows share a cell of one of four randomly shifted grids (Datar et al., SCG 2004), and are then compared; a pair
    whose numbers differ by a tenth of the tolerance is found with a probability above 0.99 in twenty columns. Rows that
    differ in a single column are found for certain. Fewer than four columns say nothing, and nothing is found.
    """
    rows = len(label)
    nothing = np.empty(0, np.intp)
    if len(columns.names) < MINIMUM_COLUMNS or rows < 2:
        return Duplicates(nothing, nothing, nothing)
    rng = np.random.default_rng(_SEED)
    exact = [factorise(values) for values in columns.numeric.values()] + list(columns.coded.values())
    hashed = np.stack([_hashes(codes, rng) for codes in exact])
    whole = _summed(hashed)
    first = _first_of_each(whole)
    contradicting = _contradicting(whole, label)
    near: list[Places] = []
    chance: list[Places] = []
    ways = (_but_for_one(hashed, whole, exact, first), _but_for_rounding(columns, first, tolerance, rng))
    for found, expected in ways:
        (near if len(found) > max(_FEW_PAIRS, _DEPENDENCE * expected) else chance).append(found)
    told = np.unique(np.concatenate([nothing, *near]))
    return Duplicates(told, contradicting, np.setdiff1d(np.concatenate([nothing, *chance]), told))


def _hashes(codes: Codes, rng: np.random.Generator) -> Hashes:
    """Random 64 bits for each code: sums of them tell rows apart (Zobrist hashing)."""
    words = rng.integers(0, 2**64, int(codes.max()) + 1, dtype=np.uint64)
    return words[codes]


def _summed(hashed: Hashes) -> Hashes:
    total: Hashes = np.add.reduce(hashed, axis=0)  # modulo 2^64
    return total


def _first_of_each(whole: Hashes) -> Places:
    return np.sort(np.unique(whole, return_index=True)[1])


def _contradicting(whole: Hashes, label: Codes) -> Places:
    groups = np.unique(whole, return_inverse=True)[1]
    pairs = np.unique(np.stack([groups, label]), axis=1)[0]
    labels = np.bincount(pairs, minlength=int(groups.max()) + 1)
    return np.flatnonzero(labels[groups] > 1)


def _but_for_one(hashed: Hashes, whole: Hashes, exact: list[Codes], first: Places) -> tuple[Places, float]:
    """Rows that differ from an earlier one in one column, and how many pairs chance would bring."""
    later = [first[_repeats(whole[first] - column[first])] for column in hashed]
    pairs = len(first) * (len(first) - 1) / 2
    shares = np.array([_collision(codes[first]) for codes in exact])
    others = np.array([np.prod(np.delete(shares, place)) for place in range(len(shares))])
    return np.unique(np.concatenate(later)), float(pairs * others.sum())


def _but_for_rounding(
    columns: JudgedColumns, first: Places, tolerance: float, rng: np.random.Generator
) -> tuple[Places, float]:
    spreads = {name: _spread(values) for name, values in columns.numeric.items()}
    fine = {name: columns.numeric[name][first] for name, spread in spreads.items() if spread > 0}
    if not fine:
        return np.empty(0, np.intp), 0.0
    scaled = np.stack([values / (spreads[name] * tolerance) for name, values in fine.items()])
    coded = [codes[first] for codes in columns.coded.values()]
    coded += [factorise(columns.numeric[name][first]) for name in columns.numeric if name not in fine]
    fixed = _summed(np.stack([_hashes(codes, rng) for codes in coded])) if coded else np.zeros(len(first), np.uint64)
    found = [_within(scaled, fixed, rng) for _ in range(_GRIDS)]
    shares = [_collision(factorise(np.floor(values))) for values in scaled] + [_collision(codes) for codes in coded]
    expected = len(first) * (len(first) - 1) / 2 * float(np.prod(shares)) * 2 ** len(scaled)
    return first[np.unique(np.concatenate(found))], expected


def _within(scaled: Numbers, fixed: Hashes, rng: np.random.Generator) -> Places:
    """Places that lie in the cell of an earlier one, and no further from it than the tolerance in any column."""
    key = fixed.copy()
    for values in scaled:
        key += _hashes(factorise(np.floor(values / _CELL + rng.random())), rng)
    order = np.argsort(key, kind="stable")
    same = key[order[1:]] == key[order[:-1]]
    earlier, later = order[:-1][same], order[1:][same]
    apart = np.abs(scaled[:, earlier] - scaled[:, later])
    near = np.all(np.isnan(scaled[:, earlier]) & np.isnan(scaled[:, later]) | (apart <= 1), axis=0)
    return np.asarray(later[near], np.intp)


def _repeats(key: Hashes) -> Places:
    order = np.argsort(key, kind="stable")
    return np.asarray(order[1:][key[order[1:]] == key[order[:-1]]], np.intp)


def _spread(values: Numbers) -> float:
    """Interquartile range; of columns that are mostly one value, the standard deviation."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0
    low, high = np.quantile(known, [0.25, 0.75])
    return float(high - low) or float(known.std())


def _collision(codes: Codes) -> float:
    """Probability that two rows drawn at random have the same code."""
    return float(np.sum((np.bincount(codes) / len(codes)) ** 2))
