import numpy as np
import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.exact_neighbours import FARTHEST, MAX_WIDTH, NEIGHBOUR, PER_DEVIATION, REFERENCES, ExactNeighbours
from secmlops.runtime.arrays import pack, unpack

LAYOUT = {"centre": ("F64", 1), "per_unit": ("F64", 1), "references": ("F32", 2)}


def drawn(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(3, 2, (rows, columns)).astype(np.float32)


@pytest.fixture
def fitted() -> ExactNeighbours:
    return ExactNeighbours.fit(drawn(500, 4), np.random.default_rng(1))


def test_the_score_is_the_squared_distance_to_the_fifth_nearest_reference(fitted: ExactNeighbours) -> None:
    rows = drawn(50, 4, 2)
    places = fitted.places(rows)[:, :-1]
    squares = ((places[:, None, :] - fitted.references[None].astype(np.float64)) ** 2).sum(axis=2)
    assert (fitted.score(rows) == np.sort(squares, axis=1)[:, NEIGHBOUR - 1]).all()


def test_it_keeps_few_references_and_scores_are_in_steps_of_the_grid(fitted: ExactNeighbours) -> None:
    assert fitted.references.shape == (REFERENCES, 4)
    scores = fitted.score(drawn(50, 4, 2))
    assert (scores == np.rint(scores)).all()
    median = float(np.median(np.sqrt(scores))) / PER_DEVIATION
    assert 0.3 < median < 1.5


def test_a_row_scores_the_same_alone_and_in_any_batch(fitted: ExactNeighbours) -> None:
    rows = drawn(1300, 4, 3)
    together = fitted.score(rows)
    assert all(fitted.score(rows[i : i + 1])[0] == together[i] for i in range(0, 1300, 13))
    assert all(fitted.score_of(place) == score for place, score in zip(fitted.places(rows), together, strict=True))
    assert (fitted.score(rows[::-1]) == together[::-1]).all()


def test_what_is_very_far_scores_high_and_what_is_missing_scores_nan(fitted: ExactNeighbours) -> None:
    rows = np.repeat(drawn(1, 4), 4, axis=0)
    rows[1, 2], rows[2, 0], rows[3, 1] = np.inf, -3.4e38, np.nan
    usual, infinite, huge, missing = fitted.score(rows)
    assert infinite > 0.9 * FARTHEST**2
    assert huge > 0.9 * FARTHEST**2
    assert usual < infinite
    assert np.isnan(missing)
    for place in fitted.places(rows)[1:]:
        assert np.isnan(fitted.score_of(place * [2, 2, 2, 2, 1]))


def test_a_few_far_rows_do_not_stretch_the_scale() -> None:
    rows = drawn(1000, 2)
    spoilt = rows.copy()
    spoilt[:8, 0] = 1e9
    generator = np.random.default_rng
    clean = ExactNeighbours.fit(rows, generator(0))
    assert ExactNeighbours.fit(spoilt, generator(0)).per_unit[0] == pytest.approx(clean.per_unit[0], rel=0.1)


@pytest.mark.parametrize(("value", "column"), [(3.1, 0), (-400.0, 1), (1e30, 2), (-1e30, 3)])
def test_the_place_of_one_value_is_that_of_a_row(fitted: ExactNeighbours, value: float, column: int) -> None:
    row = np.zeros((1, 4), np.float32)
    row[0, column] = value
    assert fitted.place_of(float(row[0, column]), column) == fitted.places(row)[0, column]


def test_a_constant_column_and_an_almost_constant_one_have_a_scale() -> None:
    rows = drawn(300, 3)
    rows[:, 1] = 7
    rows[:, 2] = 0
    rows[0, 2] = 1
    fitted = ExactNeighbours.fit(rows, np.random.default_rng(0))
    strange = rows[5:6].copy()
    strange[0, 1] = 9
    assert np.isfinite(fitted.per_unit).all()
    assert fitted.score(strange)[0] > fitted.score(rows[5:6])[0]


def test_no_rows_have_no_scores(fitted: ExactNeighbours) -> None:
    assert fitted.score(np.empty((0, 4), np.float32)).shape == (0,)


def test_what_cannot_be_learned_from_is_refused(fitted: ExactNeighbours) -> None:
    generator = np.random.default_rng(0)
    for rows in (
        drawn(NEIGHBOUR - 1, 2),
        np.full((50, 2), np.nan, np.float32),
        np.zeros((9, MAX_WIDTH + 1), np.float32),
    ):
        with pytest.raises(InputError):
            ExactNeighbours.fit(rows, generator)
    with pytest.raises(InputError):
        ExactNeighbours.fit(drawn(50, 2), generator, NEIGHBOUR - 1)
    with pytest.raises(InputError, match="columns"):
        fitted.score(drawn(3, 5))


def test_what_was_stored_is_read_back(fitted: ExactNeighbours) -> None:
    read = ExactNeighbours.from_bytes(fitted.to_bytes())
    rows = drawn(50, 4, 2)
    assert (read.score(rows) == fitted.score(rows)).all()
    assert read.to_bytes() == fitted.to_bytes()


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.update(centre=a["centre"][:-1]),
        lambda a: a.update(per_unit=-a["per_unit"]),
        lambda a: a.update(per_unit=a["per_unit"] * 0),
        lambda a: a.update(references=a["references"] + np.float32(0.5)),
        lambda a: a.update(references=a["references"] * np.float32(2**20)),
        lambda a: a.update(references=a["references"][:4]),
        lambda a: a.update(references=a["references"][:, :2]),
    ],
)
def test_stored_bytes_that_do_not_fit_together_are_refused(fitted: ExactNeighbours, change) -> None:
    arrays = {name: array.copy() for name, array in unpack(fitted.to_bytes(), fitted.KIND, LAYOUT).items()}
    change(arrays)
    with pytest.raises(VerificationError):
        ExactNeighbours.from_bytes(pack(fitted.KIND, arrays))


@pytest.mark.parametrize("constant", [0.1, 100.0])
def test_a_constant_column_scales_no_rounding_up(constant: float) -> None:
    """Its values differ by the last bit of float32 here and there: divided by that, one bit more is the farthest."""
    rows = np.random.default_rng(0).normal(size=(400, 4)).astype(np.float32)
    rows[:, 2] = constant
    rows[::7, 2] = np.nextafter(np.float32(constant), np.float32(np.inf))
    detector = ExactNeighbours.fit(rows, np.random.default_rng(1))
    off = rows.copy()
    off[:, 2] = np.float32(constant) * np.float32(1 - 2e-6)
    assert detector.score(off).max() <= detector.score(rows).max() * 1.01 + 1
