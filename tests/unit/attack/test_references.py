"""Reference models, the attacks that compare with them, and what the attacks prove."""

import math

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from secmlops.attack import lira
from secmlops.attack.epsilon import epsilon_lower_bound
from secmlops.attack.membership import Candidates, gap, rmia, threshold
from secmlops.attack.noisy_labels import steadiness
from secmlops.attack.references import References
from secmlops.attack.roc import Roc
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

ROWS, LABELS = make_classification(1200, 10, n_informative=5, flip_y=0.2, random_state=1)
MEMBER = np.arange(1200) < 600
CANDIDATES = Candidates(Inputs(ROWS.astype(np.float32), np.empty((1200, 0), object)), LABELS.astype(np.int64), MEMBER)


@pytest.fixture(scope="module")
def references() -> References:
    return References.fit(CANDIDATES, 2, 8, np.random.default_rng(0))


@pytest.fixture(scope="module")
def overfitted() -> RandomForestClassifier:
    return RandomForestClassifier(40, random_state=0, n_jobs=1).fit(ROWS[MEMBER], LABELS[MEMBER])


def test_each_row_is_known_to_half_of_the_models_which_are_surer_of_it(references) -> None:
    assert (references.learned.sum(axis=0) == 4).all()
    with_it, without_it = references.means(references.likelihood)
    assert (with_it - without_it).mean() > 0.1
    assert references.expected == pytest.approx((with_it + without_it) / 2)


@pytest.mark.parametrize("models", [0, 1, 3])
def test_models_that_make_no_pairs_are_refused(models: int) -> None:
    with pytest.raises(InputError, match="no pairs"):
        References.fit(CANDIDATES, 2, models, np.random.default_rng(0))


def test_likelihood_ratios_tell_a_memorising_forest(references, overfitted) -> None:
    outputs = overfitted.predict_proba(ROWS)
    plain = Roc.of(threshold(outputs, LABELS), MEMBER)
    for attack in (lira.online, lira.offline):
        found = Roc.of(attack(outputs, LABELS, references), MEMBER)
        assert found.auc > plain.auc
        assert found.true_positive_rate(0.01) > plain.true_positive_rate(0.01)


def test_a_constant_model_is_not_told(references) -> None:
    constant = np.full((1200, 2), 0.5)
    for attack in (lira.online, lira.offline):
        assert Roc.of(attack(constant, LABELS, references), MEMBER).auc == pytest.approx(0.5, abs=0.05)


def test_labels_that_stay_under_noise_tell_members_when_calibrated(references, overfitted) -> None:
    asked = []

    def oracle(inputs: Inputs) -> np.ndarray:
        asked.append(len(inputs))
        return overfitted.predict_proba(inputs.numeric)

    steady = steadiness(oracle, CANDIDATES, 4, np.random.default_rng(0))
    assert asked == [1200] * 5
    assert set(np.unique(steady * 5)) <= {0, 1, 2, 3, 4, 5}
    assert Roc.of(steady / references.expected, MEMBER).auc > 0.6
    assert Roc.of(gap(overfitted.predict_proba(ROWS), LABELS) / references.expected, MEMBER).auc > 0.6


def test_texts_are_swapped_among_rows() -> None:
    seen = []
    texts = np.array(["a", "b"], object)[np.arange(100) % 2][:, None]
    candidates = Candidates(Inputs(np.empty((100, 0), np.float32), texts), np.zeros(100, np.int64), np.arange(100) < 50)

    def oracle(inputs: Inputs) -> np.ndarray:
        seen.append((inputs.categorical != texts).mean())
        return np.tile([1.0, 0.0], (100, 1))

    assert (steadiness(oracle, candidates, 4, np.random.default_rng(0)) == 1).all()
    assert seen[0] == 0
    assert seen[1] < seen[4] < 0.5


def randomised_response(epsilon: float, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores by a mechanism whose epsilon is known: the truth with chance e^epsilon / (1 + e^epsilon)."""
    rng = np.random.default_rng(seed)
    member = rng.permutation(rows) < rows // 2
    told = np.where(rng.random(rows) < 1 / (1 + math.exp(-epsilon)), member, ~member)
    return told + rng.uniform(0, 0.1, rows), member


@pytest.mark.parametrize("epsilon", [0.0, 1.0, 3.0])
def test_the_bound_stays_below_the_epsilon_of_randomised_response(epsilon: float) -> None:
    bounds = [epsilon_lower_bound(*randomised_response(epsilon, 1000, seed)) for seed in range(20)]
    assert sum(bound > epsilon for bound in bounds) <= 4  # each with a chance of at most one in twenty
    assert np.median(bounds) > epsilon * 0.7 - 0.1


def test_a_memorising_model_refutes_a_small_epsilon(references, overfitted) -> None:
    score = rmia(overfitted.predict_proba(ROWS), LABELS, references.expected)
    assert epsilon_lower_bound(score, MEMBER) > 2
    assert 1 < epsilon_lower_bound(score, MEMBER, delta=1e-5) < epsilon_lower_bound(score, MEMBER)
    assert epsilon_lower_bound(score, MEMBER, delta=0.5) == 0, "such a delta allows for everything"


def test_equal_scores_prove_nothing_however_the_rows_are_sorted() -> None:
    assert epsilon_lower_bound(np.zeros(1200), MEMBER) < 0.3
    assert epsilon_lower_bound(np.zeros(4), np.array([True, False, True, False])) == 0
