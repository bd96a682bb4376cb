"""Membership inference tells a model that memorised from one that did not."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from secmlops.attack.membership import Candidates, expected_likelihood, gap, rmia, threshold
from secmlops.attack.roc import Roc
from secmlops.core.errors import InputError
from secmlops.runtime.hardening import Hardening
from secmlops.runtime.signature import Inputs

ROWS, LABELS = make_classification(1600, 12, n_informative=6, flip_y=0.2, random_state=3)
MEMBER = np.arange(1600) < 800
CANDIDATES = Candidates(Inputs(ROWS.astype(np.float32), np.empty((1600, 0), object)), LABELS.astype(np.int64), MEMBER)


@pytest.fixture(scope="module")
def expected():
    return expected_likelihood(CANDIDATES, 2, np.random.default_rng(0))


@pytest.fixture(scope="module")
def overfitted():
    model = RandomForestClassifier(40, random_state=0, n_jobs=1).fit(ROWS[MEMBER], LABELS[MEMBER])
    return model.predict_proba(ROWS)


def never(outputs):
    raise AssertionError("no noise was asked for")


def test_an_overfitted_forest_is_told_from_a_regularised_model(overfitted, expected):
    memorised = Roc.of(rmia(overfitted, LABELS, expected), MEMBER)
    assert memorised.auc > 0.85
    assert memorised.true_positive_rate(0.01) > 0.1
    regularised = LogisticRegression(C=0.01).fit(ROWS[MEMBER], LABELS[MEMBER]).predict_proba(ROWS)
    told = Roc.of(rmia(regularised, LABELS, expected), MEMBER)
    low, high = told.auc_interval()
    assert low < 0.5 < high + 0.02
    assert told.auc < 0.56


def test_a_constant_model_tells_nothing(expected):
    constant = np.full((1600, 2), 0.5)
    assert Roc.of(threshold(constant, LABELS), MEMBER).auc == 0.5
    assert Roc.of(gap(constant, LABELS), MEMBER).auc == pytest.approx(0.5, abs=0.03)
    assert Roc.of(rmia(constant, LABELS, expected), MEMBER).auc == pytest.approx(0.5, abs=0.04)


def test_calibration_makes_the_attack_stronger(overfitted, expected):
    plain, calibrated = (Roc.of(s, MEMBER) for s in (threshold(overfitted, LABELS), rmia(overfitted, LABELS, expected)))
    assert calibrated.true_positive_rate(0.01) > plain.true_positive_rate(0.01) + 0.05
    assert calibrated.auc > plain.auc


def test_labels_alone_tell_less_but_not_nothing(overfitted, expected):
    shown = Hardening(label_only=True).apply(overfitted, never)
    whole, labels = (Roc.of(rmia(outputs, LABELS, expected), MEMBER) for outputs in (overfitted, shown))
    assert labels.true_positive_rate(0.01) < whole.true_positive_rate(0.01) / 2
    assert 0.55 < labels.auc < whole.auc - 0.1
    assert labels.auc > Roc.of(gap(shown, LABELS), MEMBER).auc


def test_every_row_is_as_often_known_to_a_reference_as_new(expected):
    assert expected.shape == (1600,)
    assert ((expected > 0) & (expected <= 1)).all()
    member, other = expected[MEMBER].mean(), expected[~MEMBER].mean()
    assert member == pytest.approx(other, abs=0.02)


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="a class each"):
        Candidates(CANDIDATES.inputs, CANDIDATES.target[:5], MEMBER)
    one = Candidates(CANDIDATES.inputs.take(slice(0, 1)), CANDIDATES.target[:1], MEMBER[:1])
    for candidates, pairs in ((one, 1), (CANDIDATES, 0)):
        with pytest.raises(InputError, match="reference models"):
            expected_likelihood(candidates, 2, np.random.default_rng(0), pairs)
