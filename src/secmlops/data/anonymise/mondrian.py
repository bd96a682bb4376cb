"""Mondrian: cuts the table into ever smaller nodes until no cut is allowed or none gains anything.

K. LeFevre, D. DeWitt and R. Ramakrishnan, Mondrian Multidimensional K-Anonymity, ICDE 2006. Many nodes are cut at
once: a large one alone, small ones in blocks that stay in the processor's cache.
"""

import itertools
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from secmlops.data.anonymise.block import Block, Leaves
from secmlops.data.anonymise.cells import Codes, Integers
from secmlops.data.anonymise.cuts import best_cuts
from secmlops.data.anonymise.rules import Rules

_BLOCK_ROWS = 1 << 15
_BLOCK_COUNTS = 1 << 19
_FINISHED = 0.2


def partition(rules: Rules, values: Codes) -> Integers:
    """Class of each row [rows], from 0; ``values`` [columns, rows] are the sensitive columns.

    The whole table must satisfy the rules. The same table and rules give the same classes, however many processors
    there are.
    """
    rows = values.shape[1]
    codes = np.stack([attribute.codes for attribute in rules.attributes])
    large = [Block(np.arange(rows, dtype=np.int32), codes, values, np.zeros(rows, np.int32), 1)]
    small: list[Block] = []
    most = _rows_of_a_block(rules)
    while large:
        block = large.pop()
        halves = _halves(block, rules) if len(block.rows) > most else []
        large += halves
        small += [] if halves else [block]
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        leaves = list(itertools.chain.from_iterable(pool.map(lambda block: _cut_up(block, rules), small)))
    starts = itertools.accumulate((leaf.count for leaf in leaves), initial=0)
    classes = np.empty(rows, np.int64)
    for leaf, start in zip(leaves, starts, strict=False):
        classes[leaf.rows] = start + leaf.node
    return classes


def _rows_of_a_block(rules: Rules) -> int:
    """Fewer rows where every cut brings many counts along: a block's counts are held at once."""
    kinds = max((constraint.kinds for constraint in rules.constraints), default=1)
    return max(1, min(_BLOCK_ROWS, _BLOCK_COUNTS // kinds))


def _halves(block: Block, rules: Rules) -> list[Block]:
    """Both parts of a block with a single node; none when it cannot be cut."""
    cut = block.cut(best_cuts(block, rules))
    sides = [np.flatnonzero(cut.node == side) for side in range(cut.nodes)]
    return [cut.taken(side, np.zeros(len(side), np.int32), 1) for side in sides] if cut.nodes > 1 else []


def _cut_up(block: Block, rules: Rules) -> list[Leaves]:
    """Cut all nodes of a block until none can be cut. Finished nodes are put aside when they are many."""
    leaves: list[Leaves] = []
    while not block.is_empty:
        cuts = best_cuts(block, rules)
        whole = cuts.attribute < 0
        block = block.cut(cuts)
        finished = np.repeat(whole, 2 - whole) | (block.sizes < 2 * rules.k)
        if whole.all() or np.mean(finished[block.node]) > _FINISHED:
            block, done = block.without(finished)
            leaves.append(done)
    return leaves
