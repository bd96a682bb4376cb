import numpy as np

from secmlops.attack.network import Network


def test_a_network_learns_what_no_line_divides_and_nothing_of_what_never_differs() -> None:
    generator = np.random.default_rng(0)
    design = generator.uniform(-2, 2, (600, 3))
    design[:, 2] = 0
    labels = np.eye(2)[(design[:, 0] * design[:, 1] > 0).astype(int)]
    network = Network.learn(design, labels, generator)
    answers = network.predict(design)
    assert np.allclose(answers.sum(axis=1), 1)
    assert (answers.argmax(axis=1) == labels.argmax(axis=1)).mean() > 0.9
    design[:, 2] = 1_000
    assert np.allclose(network.predict(design), answers)
