"""However rows, persons and classes fall: every row is on one side, and no person on both."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.data.split import join_groups, split_rows
from secmlops.data.values import factorise
from secmlops.runtime.row_keys import row_keys, told_apart

CODES = st.lists(st.integers(0, 15), min_size=2, max_size=60)


@settings(max_examples=40, deadline=None)
@given(CODES, st.integers(0, 3), st.floats(0.05, 0.5), st.integers(0, 9))
def test_groups_are_kept_whole(people: list[int], classes: int, holdout: float, seed: int) -> None:
    groups = factorise(np.array(people, np.int64))
    strata = np.arange(len(people)) % (classes + 1)
    train, held = split_rows(groups, strata, told_apart(row_keys([groups], len(groups))), holdout, seed)
    assert sorted([*train, *held]) == list(range(len(people)))
    assert not set(groups[train]) & set(groups[held])


@settings(max_examples=40, deadline=None)
@given(CODES, st.randoms(use_true_random=False))
def test_joined_groups_are_the_connected_rows(left: list[int], random: object) -> None:
    right = sorted(left, key=lambda _: random.random())  # type: ignore[attr-defined]
    first, second = (factorise(np.array(codes, np.int64)) for codes in (left, right))
    joined = join_groups(first, second)
    for codes in (first, second):
        for code in np.unique(codes):
            assert len(set(joined[codes == code])) == 1
    linked = {(a, b) for a, b in zip(first, second, strict=True)}
    assert len(set(joined)) == _components(linked)


def _components(links: set[tuple[int, int]]) -> int:
    left = set(links)
    count = 0
    while left:
        count += 1
        reached = {left.pop()}
        while True:
            near = {link for link in left if any(link[0] == r[0] or link[1] == r[1] for r in reached)}
            if not near:
                break
            reached |= near
            left -= near
    return count
