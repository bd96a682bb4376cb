import numpy as np
import pytest

from secmlops.data.poisoning.confident import confident_learning

RNG = np.random.default_rng(0)


def noisy(classes: int = 3, rows: int = 900, wrong: float = 0.1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    true = np.arange(rows) % classes
    outputs = np.full((rows, classes), 0.1 / (classes - 1))
    outputs[np.arange(rows), true] = 0.9
    outputs += RNG.uniform(0, 0.02, outputs.shape)
    flipped = RNG.random(rows) < wrong
    return outputs / outputs.sum(axis=1, keepdims=True), np.where(flipped, (true + 1) % classes, true), flipped


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_labels_that_confident_probabilities_contradict_are_found(classes: int) -> None:
    outputs, labels, flipped = noisy(classes)
    found = confident_learning(outputs, labels)
    assert np.array_equal(found.suspicious, flipped)
    assert found.error_rate == pytest.approx(flipped.mean(), abs=0.005)


def test_the_joint_tells_what_was_taken_for_what() -> None:
    outputs, labels, _ = noisy()
    joint = confident_learning(outputs, labels).joint
    assert joint.sum() == pytest.approx(1)
    assert np.allclose(joint.sum(axis=1), np.bincount(labels) / len(labels))
    assert joint[1, 0] > 0.02 > joint[0, 1]


def test_the_counts_are_those_of_the_paper() -> None:
    """Five dogs and five cats, the mean self-confidences 0.66 and 0.7: worked out by hand."""
    cat = np.array([0.9, 0.9, 0.8, 0.5, 0.2, 0.1, 0.1, 0.3, 0.4, 0.6])
    labels = np.array([0] * 5 + [1] * 5)
    found = confident_learning(np.column_stack([cat, 1 - cat]), labels)
    # cats: 0.9 0.9 0.8 count as cats, 0.2 as a dog; dogs: 0.1 0.1 0.3 count as dogs, 0.6 for none
    assert np.allclose(found.joint * 10, [[3.75, 1.25], [0, 5]])
    assert np.flatnonzero(found.suspicious).tolist() == [4]


def test_a_likely_label_is_never_suspicious() -> None:
    outputs = np.tile([0.7, 0.3], (20, 1))
    assert not confident_learning(outputs, np.array([0] * 19 + [0])).suspicious.any()


def test_a_class_without_rows_takes_none() -> None:
    outputs, labels, flipped = noisy(2)
    wider = np.column_stack([outputs, np.full(len(labels), 1e-3)])
    assert np.array_equal(confident_learning(wider, labels).suspicious, flipped)
