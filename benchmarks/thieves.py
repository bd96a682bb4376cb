"""Simulated clients for the detection benchmark: worlds with a model to steal, thieves who ask, honest customers.

Random, Jacobian-augmented (Papernot et al. 2017), active learning (Tramer et al. 2016; Pal et al. 2020), line search
(Lowd and Meek 2005) and HopSkipJump-like walks (Chen et al. 2020), each as a stream of rows to ask about.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_diabetes, load_digits, make_blobs, make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Matrix = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class World:
    """Rows float [n, p] of one population, and a model that was fitted on ``train``.

    ``spread`` is the standard deviation of each column; ``levels`` the number of categories of a column, 0 if numeric.
    Categories are numbers 0, 1, ...
    """

    name: str
    train: Matrix
    reference: Matrix
    calibration: Matrix
    honest: Matrix
    test: Matrix
    levels: Matrix
    model: Any
    expand: Callable[[Matrix], Matrix]

    @property
    def low(self) -> Matrix:
        """Smallest value of each column [p]."""
        return self.train.min(axis=0)

    @property
    def high(self) -> Matrix:
        """Largest value of each column [p]."""
        return self.train.max(axis=0)

    @property
    def spread(self) -> Matrix:
        """Standard deviation of each column [p]."""
        return self.train.std(axis=0) + 1e-9

    def margin(self, rows: Matrix) -> Matrix:
        """Probability of the event less a half."""
        return self.model.predict_proba(self.expand(rows))[:, 1] - 0.5

    def label(self, rows: Matrix) -> Matrix:
        """The answer the model gives, 0 or 1."""
        return (self.margin(rows) > 0).astype(int)


def one_hot(levels: Matrix) -> Callable[[Matrix], Matrix]:
    def expand(rows: Matrix) -> Matrix:
        hot = [(rows[:, [column]] == np.arange(levels[column])).astype(float) for column in np.flatnonzero(levels)]
        return np.concatenate([rows[:, levels == 0], *hot], axis=1)

    return expand


def build(name: str, rows: Matrix, labels: Matrix, levels: Matrix, learner: str) -> World:
    """Split 40:25:15:20 into train (which is also the reference), calibration, test and honest rows."""
    cuts = (np.array([0.40, 0.65, 0.80]) * len(rows)).astype(int)
    train, calibration, test, honest = np.split(rows, cuts)
    expand = one_hot(levels)
    models = {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
        "forest": RandomForestClassifier(30, max_depth=6, random_state=0),
        "boosting": HistGradientBoostingClassifier(max_iter=40, max_depth=3, random_state=0),
    }
    model = models[learner].fit(expand(train), labels[: cuts[0]])
    return World(f"{name}/{learner}", train, train, calibration, honest, test, levels, model, expand)


def generated(seed: int, learner: str, columns: int = 12) -> World:
    """A table of correlated columns, one in four of them skewed, one in four whole numbers."""
    generator = np.random.default_rng(seed)
    rows, labels = make_classification(
        6000,
        columns,
        n_informative=columns // 2,
        n_redundant=columns // 4,
        flip_y=0.03,
        class_sep=0.8,
        n_clusters_per_class=2,
        random_state=seed,
    )
    mixing = np.eye(columns) + 0.4 * generator.normal(size=(columns, columns)) / np.sqrt(columns)
    rows = rows @ mixing
    rows[:, ::4] = np.exp(rows[:, ::4] / rows[:, ::4].std(axis=0) / 1.5)
    rows[:, 1::4] = np.rint(rows[:, 1::4] * 2)
    return build(f"generated-{columns}", rows, labels, np.zeros(columns, int), learner)


def german_credit(path: Path, learner: str, seed: int = 0) -> World:
    """German credit: 7 numeric columns and 14 of categories; few rows, so calibration and customers are few too."""
    lines = [line.split(",") for line in path.read_text().strip().splitlines()]
    table = np.random.default_rng(seed).permutation(np.array(lines[1:], object))
    columns, levels = [], []
    for values in table[:, :-1].T:
        try:
            columns.append(values.astype(float))
            levels.append(0)
        except ValueError:
            names, codes = np.unique(values.astype(str), return_inverse=True)
            columns.append(codes.astype(float))
            levels.append(len(names))
    return build("german-credit", np.column_stack(columns), table[:, -1].astype(int), np.array(levels), learner)


def mixed(seed: int, learner: str, number: int, columns: int, categories: int) -> World:
    """A table in which some columns are categories, others skewed or whole numbers."""
    generator = np.random.default_rng(seed)
    rows, labels = make_classification(
        number,
        columns,
        n_informative=columns // 2,
        n_redundant=columns // 4,
        flip_y=0.02,
        class_sep=0.9,
        n_clusters_per_class=3,
        random_state=seed,
    )
    levels = np.zeros(columns, int)
    for column in generator.permutation(columns)[:categories]:
        levels[column] = generator.integers(2, 9)
        cuts = np.sort(generator.uniform(0.05, 0.95, levels[column] - 1))
        rows[:, column] = np.searchsorted(np.quantile(rows[:, column], cuts), rows[:, column])
    numeric = np.flatnonzero(levels == 0)
    rows[:, numeric[::2]] = np.exp(rows[:, numeric[::2]] / rows[:, numeric[::2]].std(axis=0))
    rows[:, numeric[1::3]] = np.rint(rows[:, numeric[1::3]])
    return build(f"mixed-{columns}", rows, labels, levels, learner)


def clustered(seed: int, learner: str, number: int, columns: int) -> World:
    """A table of twelve clusters of different widths."""
    spreads = np.random.default_rng(seed).uniform(0.3, 2, 12)
    rows, clusters = make_blobs(number, columns, centers=12, cluster_std=spreads, random_state=seed)
    return build(f"clustered-{columns}", rows, clusters % 2, np.zeros(columns, int), learner)


def heavy_tailed(seed: int, learner: str, number: int, columns: int) -> World:
    """A table of log-normal columns that go together, some far heavier in the tail than others."""
    generator = np.random.default_rng(seed)
    base = generator.normal(size=(number, columns)) @ (np.eye(columns) + 0.5 * generator.normal(size=(columns,) * 2))
    rows = np.exp(base / base.std(axis=0) * generator.uniform(0.5, 1.8, columns))
    labels = (np.sin(2 * base[:, 0]) + base[:, 1] * base[:, 2] > 0).astype(int)
    return build(f"heavy-tailed-{columns}", rows, labels, np.zeros(columns, int), learner)


def adbench(path: Path, learner: str, seed: int) -> World:
    """An ADBench table: whether the last column of more than twenty values is above its median, by the others."""
    table = np.random.default_rng(seed).permutation(np.load(path)["X"].astype(float))
    target = max(column for column in range(table.shape[1]) if len(np.unique(table[:, column])) > 20)
    labels = (table[:, target] > np.median(table[:, target])).astype(int)
    rows = np.delete(table, target, axis=1)
    return build(path.stem.split("_", 1)[1], rows, labels, np.zeros(rows.shape[1], int), learner)


def ai4i(path: Path, learner: str, seed: int) -> World:
    """AI4I 2020: whether the torque is above its median, by kind of product, temperatures, speed and wear."""
    lines = np.array([line.split(",") for line in path.read_text("utf-8-sig").strip().splitlines()[1:]], object)
    lines = np.random.default_rng(seed).permutation(lines)
    _, kind = np.unique(lines[:, 2].astype(str), return_inverse=True)
    numbers, torque = lines[:, [3, 4, 5, 7]].astype(float), lines[:, 6].astype(float)
    rows = np.column_stack([kind, numbers])
    return build("ai4i", rows, (torque > np.median(torque)).astype(int), np.array([3, 0, 0, 0, 0]), learner)


def diabetes(learner: str, seed: int) -> World:
    """Diabetes (Efron et al., 2004, as scikit-learn brings it): whether the disease progresses more than usual."""
    rows, progress = load_diabetes(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(rows))
    labels = (progress > np.median(progress)).astype(int)
    return build("diabetes", rows[order], labels[order], np.zeros(rows.shape[1], int), learner)


def digits(learner: str, seed: int) -> World:
    """Handwritten digits (as scikit-learn brings them): whether a digit is odd."""
    rows, digit = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(rows))
    return build("digits", rows[order], (digit % 2)[order], np.zeros(rows.shape[1], int), learner)


class Thief:
    """What every thief has: the world to ask, a seed of natural rows, and all that was asked and answered."""

    def __init__(self, world: World, generator: np.random.Generator, seeds: int = 10) -> None:
        self.world, self.generator = world, generator
        pool = world.test[generator.permutation(len(world.test))[: 40 * seeds]]
        labels = world.label(pool)
        self.seeds = np.concatenate([pool[labels == k][: seeds // 2] for k in (0, 1)])

    def random_rows(self, number: int) -> Matrix:
        """Rows uniform over the ranges and categories of the columns."""
        world = self.world
        rows = self.generator.uniform(world.low, world.high, (number, len(world.low)))
        codes = np.floor(self.generator.random(rows.shape) * np.maximum(world.levels, 1))
        return np.where(world.levels > 0, codes, rows)

    def bounded(self, rows: Matrix) -> Matrix:
        """Rows within the ranges, categories whole."""
        rows = np.clip(rows, self.world.low, self.world.high)
        return np.where(self.world.levels > 0, np.rint(rows), rows)


def copy_of(world: World, rows: Matrix, labels: Matrix) -> Any:
    """What a thief learns from the answers on the way."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(world.expand(rows), labels)


def agreement(world: World, rows: Matrix, labels: Matrix) -> float:
    """Share of test rows on which the best copy learned from the answers says what the model says.

    It is averaged over the two answers, so that always giving the commoner one is worth a half.
    """
    truth = world.label(world.test)
    if len(np.unique(labels)) < 2:
        return 0.5
    copies = [
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)),
        RandomForestClassifier(40, random_state=0),
    ]
    expanded, tests = world.expand(rows), world.expand(world.test)
    right = [copy.fit(expanded, labels).predict(tests) == truth for copy in copies]
    return max(float(np.mean([same[truth == answer].mean() for answer in np.unique(truth)])) for same in right)


def random_uniform(thief: Thief) -> Iterator[Matrix]:
    while True:
        yield from thief.random_rows(50)


def random_marginals(thief: Thief) -> Iterator[Matrix]:
    """Each column drawn on its own from a normal of the right mean and spread, categories uniformly."""
    world = thief.world
    while True:
        rows = thief.generator.normal(world.train.mean(axis=0), world.spread, (50, len(world.low)))
        yield from np.where(world.levels > 0, thief.random_rows(50), thief.bounded(rows))


def jacobian(thief: Thief, step: float = 0.1) -> Iterator[Matrix]:
    """Jacobian-based augmentation: known rows moved along the sign of the copy's gradient, one way or the other."""
    world = thief.world
    rows = thief.seeds
    yield from rows
    asked = {row.tobytes(): row for row in rows}
    while True:
        known = np.array(list(asked.values()))
        labels = world.label(known)
        copy = copy_of(world, known, labels) if len(set(labels)) > 1 else None
        fresh = moved(thief, copy, rows, step)
        new = [row for row in fresh if row.tobytes() not in asked]
        yield from new
        asked.update((row.tobytes(), row) for row in new)
        rows = known[thief.generator.permutation(len(known))[:200]]


def moved(thief: Thief, copy: Any, rows: Matrix, step: float) -> Matrix:
    """Rows one step along the sign of the copy's gradient or against it; one category in three is drawn anew."""
    world = thief.world
    if copy is None:
        signs = np.sign(thief.generator.normal(size=rows.shape))
    else:
        base = copy.decision_function(world.expand(rows))
        signs = np.zeros(rows.shape)
        for column in np.flatnonzero(world.levels == 0):
            nudged = rows.copy()
            nudged[:, column] += 1e-3 * world.spread[column]
            signs[:, column] = np.sign(copy.decision_function(world.expand(nudged)) - base)
        signs *= thief.generator.choice([-1, 1], (len(rows), 1))
        signs[signs == 0] = 1
    stepped = thief.bounded(rows + step * (world.high - world.low) * signs)
    anew = thief.generator.random(rows.shape) < 1 / 3
    return np.where(world.levels > 0, np.where(anew, thief.random_rows(len(rows)), rows), stepped)


def random_steps(thief: Thief) -> Iterator[Matrix]:
    """Like ``jacobian``, in random directions (the T-RND strategy of PRADA's authors)."""
    rows = thief.seeds
    yield from rows
    while True:
        fresh = moved(thief, None, rows, 0.1)
        yield from fresh
        rows = np.concatenate([rows, fresh])[-200:]


def active(thief: Thief) -> Iterator[Matrix]:
    """Uncertainty sampling: of 500 random rows ask about the 10 of which the copy is least sure."""
    world = thief.world
    asked = [*thief.seeds]
    yield from thief.seeds
    while True:
        labels = world.label(np.array(asked))
        pool = thief.random_rows(500)
        if len(set(labels)) > 1:
            doubt = np.abs(copy_of(world, np.array(asked), labels).decision_function(world.expand(pool)))
            pool = pool[np.argsort(doubt)]
        yield from pool[:10]
        asked.extend(pool[:10])


def midway(thief: Thief, one: Matrix, other: Matrix, share: float) -> Matrix:
    """Point between two rows; the categories change from one row's to the other's one after the other."""
    between = one + share * (other - one)
    turns = (np.arange(len(one)) + 0.5) / len(one)
    return np.where(thief.world.levels > 0, np.where(share > turns, other, one), between)


def line_search(thief: Thief) -> Iterator[Matrix]:
    """Bisect between a natural row and one of another label, natural or random; then look around there."""
    world, generator = thief.world, thief.generator
    yield from thief.seeds
    while True:
        ends = np.concatenate([thief.seeds, thief.random_rows(len(thief.seeds))])
        labels = world.label(ends)
        one = ends[generator.choice(np.flatnonzero(labels[: len(thief.seeds)] == 0))]
        other = ends[generator.choice(np.flatnonzero(labels == 1))]
        low, high = 0.0, 1.0
        for _ in range(8):
            middle = midway(thief, one, other, (low + high) / 2)
            yield middle
            low, high = (low, (low + high) / 2) if world.label(middle[None])[0] else ((low + high) / 2, high)
        edge = midway(thief, one, other, (low + high) / 2)
        for _ in range(6):
            yield thief.bounded((edge + 0.05 * (world.high - world.low) * generator.normal(size=len(edge)))[None])[0]


def coordinate_search(thief: Thief) -> Iterator[Matrix]:
    """From a natural row move one feature at a time, bisecting to where the label flips (Lowd and Meek 2005)."""
    world, generator = thief.world, thief.generator
    numeric = np.flatnonzero(world.levels == 0)
    while True:
        base = thief.seeds[generator.integers(len(thief.seeds))].copy()
        yield base
        for column in generator.permutation(numeric):
            ends = []
            for value in (world.low[column], world.high[column]):
                row = base.copy()
                row[column] = value
                ends.append((world.label(row[None])[0], value))
                yield row
            start, (_, stop) = base[column], ends[generator.integers(2)]
            own = world.label(base[None])[0]
            if all(label == own for label, _ in ends):
                continue
            stop = next(value for label, value in ends if label != own)
            for _ in range(6):
                row = base.copy()
                row[column] = (start + stop) / 2
                yield row
                start, stop = (start, row[column]) if world.label(row[None])[0] != own else (row[column], stop)


def boundary_walk(thief: Thief) -> Iterator[Matrix]:
    """HopSkipJump in outline: from an opposite row bisect to the boundary, probe around, step, again; row after row."""
    world, generator = thief.world, thief.generator
    numeric = world.levels == 0
    while True:
        source, target = thief.seeds[generator.permutation(len(thief.seeds))[:2]]
        own = world.label(source[None])[0]
        if world.label(target[None])[0] == own:
            continue
        point = target
        for turn in range(1, 16):
            low, high = 0.0, 1.0
            for _ in range(8):
                middle = midway(thief, source, point, (low + high) / 2)
                yield middle
                flips = world.label(middle[None])[0] != own
                low, high = (low, (low + high) / 2) if flips else ((low + high) / 2, high)
            point = midway(thief, source, point, high)
            distance = np.abs((point - source) / world.spread)[numeric].mean()
            radius = max(0.1 * distance, 0.01)
            noise = generator.normal(size=(int(20 * np.sqrt(turn)), len(point))) * numeric
            probes = thief.bounded(point + radius * world.spread * noise)
            yield from probes
            signs = np.where(world.label(probes) != own, 1.0, -1.0)
            gradient = ((signs - signs.mean())[:, None] * noise).mean(axis=0)
            gradient /= np.linalg.norm(gradient) + 1e-12
            stride = distance * np.sqrt(numeric.sum()) / np.sqrt(turn)
            for _ in range(8):
                stepped = thief.bounded((point + stride * world.spread * gradient)[None])[0]
                yield stepped
                if world.label(stepped[None])[0] != own:
                    point = stepped
                    break
                stride /= 2


def blurred_line_search(thief: Thief) -> Iterator[Matrix]:
    """Line search by someone who knows that lines are seen: every row displaced a little."""
    world, numeric = thief.world, thief.world.levels == 0
    for row in line_search(thief):
        yield row + 0.05 * world.spread * thief.generator.normal(size=len(row)) * numeric


def blurred_walk(thief: Thief) -> Iterator[Matrix]:
    """Boundary walk, every row displaced a little."""
    world, numeric = thief.world, thief.world.levels == 0
    for row in boundary_walk(thief):
        yield row + 0.02 * world.spread * thief.generator.normal(size=len(row)) * numeric


def small_steps(thief: Thief) -> Iterator[Matrix]:
    """Jacobian-based augmentation with a fifth of the usual step."""
    return jacobian(thief, 0.02)


def half_honest(thief: Thief) -> Iterator[Matrix]:
    """Jacobian-based augmentation between real rows of the population, one for one."""
    for row, cover in zip(jacobian(thief), natural_pool(thief), strict=False):
        yield row
        yield cover


def natural_pool(thief: Thief) -> Iterator[Matrix]:
    """Real rows of the population: what an honest customer sends."""
    while True:
        yield from thief.generator.permutation(thief.world.honest)


ATTACKS: dict[str, Callable[[Thief], Iterator[Matrix]]] = {
    "random": random_uniform,
    "random marginals": random_marginals,
    "jacobian": jacobian,
    "random steps": random_steps,
    "active learning": active,
    "line search": line_search,
    "coordinate search": coordinate_search,
    "boundary walk": boundary_walk,
}


CAREFUL: dict[str, Callable[[Thief], Iterator[Matrix]]] = {
    "blurred line search": blurred_line_search,
    "blurred walk": blurred_walk,
    "small steps": small_steps,
    "half honest": half_honest,
    "natural pool": natural_pool,
}


def independent(world: World, generator: np.random.Generator) -> Iterator[Matrix]:
    while True:
        yield from generator.permutation(world.honest)


def bursty(world: World, generator: np.random.Generator) -> Iterator[Matrix]:
    """Bursts of rows that are much alike: neighbours of one row."""
    scaled = world.honest / world.spread
    while True:
        centre = scaled[generator.integers(len(scaled))]
        near = np.argsort(((scaled - centre) ** 2).sum(axis=1))[:60]
        yield from world.honest[generator.permutation(near)[: generator.integers(10, 40)]]


def drifting(world: World, generator: np.random.Generator) -> Iterator[Matrix]:
    """The customer's population moves by up to one standard deviation (Mahalanobis) in a random direction."""
    numeric = world.levels == 0
    covariance = np.cov(world.train[:, numeric].T) + 1e-9 * np.diag(world.spread[numeric] ** 2)
    direction = generator.normal(size=int(numeric.sum()))
    shift = np.zeros(len(world.low))
    shift[numeric] = np.linalg.cholesky(covariance) @ (direction / np.linalg.norm(direction))
    for moment, row in enumerate(independent(world, generator)):
        yield row + min(moment / 500, 1) * shift


def over_and_over(world: World, generator: np.random.Generator) -> Iterator[Matrix]:
    """One to five customers' rows, again and again: the same, slightly varied, or with one feature tried out."""
    bases = world.honest[generator.permutation(len(world.honest))[: generator.integers(1, 6)]]
    numeric = world.levels == 0
    jitter = 10 ** generator.uniform(-3, -1)
    while True:
        row = bases[generator.integers(len(bases))].copy()
        kind = generator.random()
        if kind < 0.5:
            row = row + jitter * world.spread * generator.normal(size=len(row)) * numeric
        elif kind < 0.75:
            column = generator.integers(len(row))
            row[column] = world.honest[generator.integers(len(world.honest)), column]
        yield row


def trying_out(world: World, generator: np.random.Generator) -> Iterator[Matrix]:
    """Case after case, each tried out with one feature changed to another customer's value, a few times."""
    for row in independent(world, generator):
        yield row
        for _ in range(generator.integers(2, 6)):
            varied = row.copy()
            column = generator.integers(len(row))
            varied[column] = world.honest[generator.integers(len(world.honest)), column]
            yield varied


def batch(world: World, generator: np.random.Generator) -> Iterator[Matrix]:
    """A part of the table, sorted by one column: everyone above or below a value of another column."""
    by, part = generator.permutation(len(world.low))[:2]
    ordered = world.honest[np.argsort(world.honest[:, part], kind="stable")]
    share = int(len(ordered) * generator.uniform(0.3, 1))
    kept = ordered[:share] if generator.random() < 0.5 else ordered[-share:]
    while True:
        yield from kept[np.argsort(kept[:, by], kind="stable")]


HONEST: dict[str, Callable[[World, np.random.Generator], Iterator[Matrix]]] = {
    "independent": independent,
    "bursty": bursty,
    "drifting": drifting,
    "over and over": over_and_over,
    "trying out": trying_out,
    "batch": batch,
}
