"""ART's adversarial training of a logistic regression: reads a task in JSON and a NumPy file, leaves the weights."""

import json
import sys
import time

import numpy as np
from art.attacks.evasion import ProjectedGradientDescent
from art.defences.trainer import AdversarialTrainer
from art.estimators.classification.scikitlearn import ScikitlearnLogisticRegression
from sklearn.linear_model import LogisticRegression

EPOCHS = 20


class Fitted(LogisticRegression):
    """Takes the settings of epochs that ART's trainer passes on, and scikit-learn's model does not."""

    def fit(self, rows, target, **_):
        """Fit, from where it stands."""
        return super().fit(rows, target)


def main() -> None:
    task = json.loads(sys.argv[1])
    given = np.load(task["rows"])
    rows, target = given["rows"].astype(np.float32), given["target"]
    np.random.seed(0)
    start = time.process_time()
    model = Fitted(C=1 / task["penalty"], max_iter=1000, warm_start=True)
    classifier = ScikitlearnLogisticRegression(model, clip_values=(float(rows.min()), float(rows.max())))
    classifier.fit(rows, np.eye(2)[target])
    attack = ProjectedGradientDescent(
        classifier, norm=2, eps=task["budget"], eps_step=task["budget"] / 5, max_iter=20, batch_size=len(rows),
        verbose=False,
    )  # fmt: skip
    trainer = AdversarialTrainer(classifier, attack, ratio=0.5)
    trainer.fit(rows, np.eye(2)[target], batch_size=len(rows), nb_epochs=EPOCHS)  # a batch is fitted from anew
    np.savez(task["answer"], weights=model.coef_, intercept=model.intercept_, cpu=time.process_time() - start)


if __name__ == "__main__":
    main()
