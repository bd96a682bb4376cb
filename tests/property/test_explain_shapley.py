"""The axioms of Shapley (1953), for every method: efficiency, symmetry, and nothing for who does nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.task import Task
from secmlops.explain.columns import Encoder, Number
from secmlops.explain.explanation import Scale
from secmlops.explain.linear import LinearTerms
from secmlops.explain.paths import TreePaths, branch_answers
from secmlops.explain.sampling import Walks
from secmlops.explain.tabulate import tabulate
from secmlops.explain.trees import Trees
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

WIDTH = 4
FEATURES = tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(WIDTH))
SIGNATURE = Signature(task=Task.REGRESSION, features=FEATURES)
ENCODER = Encoder([Number(i) for i in range(WIDTH)])
COLUMNS = np.zeros(1, np.intp)


def inputs_of(rows: np.ndarray) -> Inputs:
    return Inputs(rows.astype(np.float32), np.empty((len(rows), 0), object))


def random_trees(rng: np.random.Generator, features: list[int], count: int = 3, depth: int = 4) -> Trees:
    """Full trees that ask about ``features`` only, with comparisons of every kind."""
    nodes = 2 ** (depth + 1) - 1
    own = np.arange(nodes)
    leaf = np.tile(own >= nodes // 2, count)
    parent = np.tile(np.where(own > 0, (own - 1) // 2, -1), count)
    parent = np.where(parent < 0, -1, parent + np.repeat(np.arange(count) * nodes, nodes))
    size = count * nodes
    return Trees(
        column=rng.choice(features, size).astype(np.int32),
        threshold=rng.integers(-2, 3, size).astype(np.float32),
        operator=rng.integers(0, 6, size).astype(np.uint8),
        missing=rng.integers(0, 2, size).astype(np.uint8),
        parent=parent,
        true=np.tile(own % 2 == 1, count),
        leaf=leaf,
        values=np.where(leaf, rng.normal(size=size), 0.0)[:, None],
        intercept=np.array([0.5]),
    )


def score(trees: Trees, rows: np.ndarray) -> np.ndarray:
    """What the trees add up to, walked node by node."""
    asked = {name: getattr(trees, name) for name in ("column", "threshold", "operator", "missing")}
    answers = branch_answers(asked, rows.astype(np.float32))
    children = {(int(p), bool(t)): n for n, (p, t) in enumerate(zip(trees.parent, trees.true, strict=True))}
    total = np.full(len(rows), 0.5)
    for row, answer in enumerate(answers):
        for root in np.flatnonzero(trees.parent < 0):
            node = int(root)
            while not trees.leaf[node]:
                node = children[node, bool(answer[node])]
            total[row] += trees.values[node, 0]
    return total


def paths_of(trees: Trees, background: np.ndarray) -> TreePaths:
    rows = background.astype(np.float32)
    arrays = tabulate(trees, rows, np.arange(WIDTH), trees.values, trees.intercept)
    return TreePaths(arrays, ENCODER, SIGNATURE)


def rows_of(rng: np.random.Generator, count: int) -> np.ndarray:
    rows = rng.integers(-3, 4, (count, WIDTH)).astype(float)
    return np.where(rng.random(rows.shape) < 0.1, np.nan, rows)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_trees_add_up_and_a_feature_that_is_not_asked_gets_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, [0, 1, 3])
    background, rows = rows_of(rng, 7), rows_of(rng, 3)
    paths = paths_of(trees, background)
    assert paths.base(COLUMNS)[0] == pytest.approx(score(trees, background).mean())
    for row in rows:
        found = paths.contributions(inputs_of(row[None]), COLUMNS)[0]
        assert found[2] == 0
        assert paths.base(COLUMNS)[0] + found.sum() == pytest.approx(score(trees, row[None])[0])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_features_that_are_alike_get_the_same(seed: int) -> None:
    """The sum of a tree and its mirror image treats two features alike; so must the explanation of equal values."""
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, [0, 1], count=1)
    mirror = np.where(trees.column == 0, 1, 0).astype(np.int32)
    background, row = rows_of(rng, 5), rows_of(rng, 1)
    background[:, 1], row[:, 1] = background[:, 0], row[:, 0]
    other = Trees(**{**{n: getattr(trees, n) for n in Trees.__slots__}, "column": mirror})
    both = [paths_of(t, background).contributions(inputs_of(row), COLUMNS)[0] for t in (trees, other)]
    total = both[0] + both[1]
    assert total[0] == pytest.approx(total[1])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_linear_terms_add_up_and_a_weight_of_nothing_gives_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(WIDTH, 1))
    weights[1] = 0
    background, row = rng.normal(size=(6, WIDTH)), rng.normal(size=(1, WIDTH)).astype(np.float32)
    means = background.mean(axis=0)
    terms = LinearTerms({"weights": weights, "means": means, "base": means @ weights + 2}, ENCODER, SIGNATURE)
    found = terms.contributions(inputs_of(row), COLUMNS)[0]
    assert found[1] == 0
    assert terms.base(COLUMNS)[0] + found.sum() == pytest.approx((row @ weights)[0, 0] + 2)


class Interaction:
    """A model of x0 * x1 + x2, which never looks at x3."""

    def predict(self, inputs: Inputs) -> np.ndarray:
        x = inputs.numeric.astype(np.float64)
        return (x[:, 0] * x[:, 1] + x[:, 2])[:, None]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_sampled_values_add_up_and_are_within_their_errors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    background, row = inputs_of(rng.normal(size=(30, WIDTH))), inputs_of(rng.normal(size=(1, WIDTH)))
    walks = Walks.through(background, SIGNATURE, seed % 1000)
    bases, several, errors = walks.contributions(row, COLUMNS, Interaction(), Scale.PREDICTION)
    base, found, error = bases[0], several[0], errors[0]
    assert base + found.sum() == pytest.approx(Interaction().predict(row)[0, 0])
    assert found[3] == error[3] == 0
    x, z = row.numeric[0].astype(float), background.numeric.astype(float)
    true = ((x[0] - z[:, 0]) * (x[1] + z[:, 1]) / 2).mean()  # of x0 in x0 * x1, by both orders
    assert abs(found[0] - true) <= 5 * error[0] + 1e-9
    assert found[2] == pytest.approx(x[2] - z[:, 2].mean())
