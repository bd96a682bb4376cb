"""Finds the best cut of many nodes at once: every cut of every quasi-identifier, tested for every privacy model."""

import numpy as np
import numpy.typing as npt

from secmlops.data.anonymise.attribute import Attribute
from secmlops.data.anonymise.block import Block, Cuts, no_cuts
from secmlops.data.anonymise.candidates import Candidates, Sides, candidates
from secmlops.data.anonymise.cells import Cells, Integers, count_cells
from secmlops.data.anonymise.rules import Rules

Scores = npt.NDArray[np.float64]


def best_cuts(block: Block, rules: Rules) -> Cuts:
    """The best cut of each node; none where no cut is allowed or none gains anything."""
    best, cuts = np.zeros(block.nodes), no_cuts(block.nodes)
    for place, attribute in enumerate(rules.attributes):
        cells = count_cells(block.codes[place], block.node, block.nodes, attribute.domain)
        found, score = _scored(candidates(cells, cells.sizes, rules.k), cells, (block, place), rules)
        top = best.copy()
        np.maximum.at(top, found.node, score)
        winner = np.flatnonzero((score == top[found.node]) & (score > best[found.node]))
        chosen = found.node[winner]
        best[chosen] = score[winner]
        cuts.attribute[chosen] = place
        cuts.code[chosen] = cells.code[found.cell[winner]]
        cuts.ties[chosen] = found.ties[winner]
        cuts.split[chosen] = found.split[winner]
    return cuts


def _scored(found: Candidates, cells: Cells, part: tuple[Block, int], rules: Rules) -> tuple[Candidates, Scores]:
    """The candidates that satisfy every constraint, and how good each is [m].

    What a cut gains is divided by the root of the bits it spends, the entropy of the two sides' sizes: a class has only
    so many, log2(rows / k), until it is too small to be cut again.
    """
    block, place = part
    attribute, sizes = rules.attributes[place], cells.sizes
    for constraint in rules.constraints:
        sides = Sides(found, cells, block, place, attribute.domain).count(constraint.column, constraint.kinds)
        found = found.where(constraint.holds(sides[0]) & constraint.holds(sides[1]))
    gain = penalty_gain(found, cells, sizes, attribute) * attribute.weight
    share = found.left / sizes[found.node]
    bits = -(share * np.log2(share) + (1 - share) * np.log2(1 - share))
    return found, gain / np.sqrt(bits)


def penalty_gain(found: Candidates, cells: Cells, sizes: Integers, attribute: Attribute) -> Scores:
    """How much smaller the penalty of the node's rows becomes, summed over them [m]."""
    distinct, lowest, highest = cells.distinct, cells.lowest, cells.highest
    node, code = found.node, cells.code[found.cell]
    following = np.where(found.split, found.cell, found.cell + 1)
    left = attribute.penalty(lowest[node], code, cells.rank[found.cell] + 1)
    right = attribute.penalty(cells.code[following], highest[node], distinct[node] - cells.rank[following])
    whole = attribute.penalty(lowest, highest, distinct)[node]
    size = sizes[node]
    return size * whole - found.left * left - (size - found.left) * right
