from collections import Counter

import numpy as np
import pytest

from secmlops.data.anonymise.cells import count_cells, count_values


@pytest.mark.parametrize("domain", [5, 100_000])  # few codes are counted in a table of their own, many are sorted
def test_cells_are_the_different_codes_of_each_node(domain: int) -> None:
    draws = np.random.default_rng(1)
    codes = draws.choice(np.arange(domain, step=max(1, domain // 5)), 300).astype(np.int32)
    node = draws.integers(0, 4, 300).astype(np.int32)
    cells = count_cells(codes, node, 4, domain)
    expected = sorted(Counter(zip(node.tolist(), codes.tolist(), strict=True)).items())
    assert list(zip(cells.node.tolist(), cells.code.tolist(), strict=True)) == [key for key, _ in expected]
    assert cells.count.tolist() == [count for _, count in expected]
    for place in range(len(cells.code)):
        own = node == cells.node[place]
        assert cells.before[place] == np.count_nonzero(codes[own] < cells.code[place])
        assert cells.rank[place] == len(np.unique(codes[own][codes[own] < cells.code[place]]))
    assert cells.distinct.tolist() == [len(np.unique(codes[node == n])) for n in range(4)]
    assert cells.lowest.tolist() == [codes[node == n].min() for n in range(4)]
    assert cells.highest.tolist() == [codes[node == n].max() for n in range(4)]


@pytest.mark.parametrize("domain", [3, 2**31 // 2])  # the keys of the second do not fit into 32 bits
def test_values_are_counted_in_each_cell(domain: int) -> None:
    draws = np.random.default_rng(2)
    codes, node, values = (draws.integers(0, 3, 200).astype(np.int32) for _ in range(3))
    codes[0], node[0] = domain - 1, 2
    cells = count_cells(codes, node, 3, domain)
    cell, value, count = count_values(cells, (codes, node, values), domain, 3)
    found = {
        (int(cells.node[c]), int(cells.code[c]), int(v)): int(n) for c, v, n in zip(cell, value, count, strict=True)
    }
    assert found == Counter(zip(node.tolist(), codes.tolist(), values.tolist(), strict=True))


def test_the_cells_of_a_node_count_all_its_rows() -> None:
    draw = np.random.default_rng(5)
    node = draw.integers(0, 4, 50).astype(np.int32)
    cells = count_cells(draw.integers(0, 9, 50).astype(np.int32), node, 4, 9)
    assert cells.sizes.tolist() == np.bincount(node, minlength=4).tolist()
