"""ART's membership inference on scikit-learn models: trains them, attacks them, and hands out what they answered."""

import sys
import time

import numpy as np
from art.attacks.inference.membership_inference import (
    MembershipInferenceBlackBox,
    MembershipInferenceBlackBoxRuleBased,
)
from art.estimators.classification.scikitlearn import SklearnClassifier
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

MODELS = {
    "forest": RandomForestClassifier(100, random_state=0, n_jobs=1),
    "boosting": GradientBoostingClassifier(n_estimators=200, max_depth=4, random_state=0),
}


def main() -> None:
    given = np.load(sys.argv[1])
    rows, target, member = given["rows"], given["target"], given["member"]
    known = given["known"]  # rows of either kind that the attack may learn from
    results = {}
    for name, model in MODELS.items():
        model.fit(rows[member], target[member])
        classifier = SklearnClassifier(model=model)
        began = time.process_time()
        results[f"{name}.outputs"] = model.predict_proba(rows[~known])
        results[f"{name}.outputs.seconds"] = time.process_time() - began
        began = time.process_time()
        attack = MembershipInferenceBlackBox(classifier, attack_model_type="rf")
        inside, outside = known & member, known & ~member
        attack.fit(rows[inside], target[inside], rows[outside], target[outside])
        results[f"{name}.black_box"] = attack.infer(rows[~known], target[~known], probabilities=True).ravel()
        results[f"{name}.black_box.seconds"] = time.process_time() - began
        began = time.process_time()
        labels = MembershipInferenceBlackBoxRuleBased(classifier)
        results[f"{name}.labels"] = labels.infer(rows[~known], target[~known]).astype(float).ravel()
        results[f"{name}.labels.seconds"] = time.process_time() - began
    np.savez(sys.argv[2], **results)


if __name__ == "__main__":
    main()
