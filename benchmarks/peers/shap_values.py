"""shap on a scikit-learn forest and on its ONNX form: exact values by trees, estimates by the kernel method."""

import sys
import time

import numpy as np
import onnxruntime
import shap
from sklearn.ensemble import RandomForestClassifier


def main() -> None:
    given = np.load(sys.argv[1])
    rows, target, background, asked = (given[name] for name in ("rows", "target", "background", "asked"))
    forest = RandomForestClassifier(100, max_depth=8, random_state=0, n_jobs=1).fit(rows, target)
    trees = shap.TreeExplainer(forest, background, feature_perturbation="interventional", model_output="probability")
    trees.shap_values(asked[:1])
    began = time.process_time()
    exact = trees.shap_values(asked)[..., 1]
    results = {"exact": exact, "exact_seconds": time.process_time() - began}
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(sys.argv[3], settings)

    def answer(numbers: np.ndarray) -> np.ndarray:
        return session.run(["probabilities"], {"numeric": numbers.astype(np.float32)})[0][:, 1]

    kernel = shap.KernelExplainer(answer, background)
    for kind, options in (("kernel", {}), ("whole", {"l1_reg": False})):
        for samples in given["samples"]:
            np.random.seed(0)
            began = time.process_time()
            values = kernel.shap_values(asked, nsamples=int(samples), silent=True, **options)
            results[f"{kind}{samples}"] = values
            results[f"{kind}{samples}_seconds"] = time.process_time() - began
    np.savez(sys.argv[2], **results)


if __name__ == "__main__":
    main()
