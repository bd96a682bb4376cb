"""ART's attacks on rows of a model: reads a task in JSON and NumPy files, prints what was found in JSON."""

import json
import pickle
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from art.attacks.evasion import HopSkipJump, ProjectedGradientDescent
from art.estimators.classification import BlackBoxClassifier, PyTorchClassifier, SklearnClassifier


def main() -> None:
    torch.set_num_threads(1)
    task = json.loads(sys.argv[1])
    given = np.load(task["rows"])
    rows, truth = given["rows"], given["truth"]
    asked = [0]
    classifier = {"onnx": onnx_model, "sklearn": sklearn_model, "torch": torch_model}[task["kind"]](task, given, asked)
    np.random.seed(0)
    start = time.process_time()
    if task["attack"] == "hop_skip_jump":
        attack = HopSkipJump(classifier, norm=2, max_iter=task["steps"], verbose=False)
        changed = attack.generate(rows)
    else:
        attack = ProjectedGradientDescent(
            classifier,
            norm=np.inf if task["norm"] == "linf" else 2,
            eps=task["budget"],
            eps_step=task["stride"] * task["budget"],
            max_iter=task["steps"],
            num_random_init=task["restarts"],
            batch_size=len(rows),
            verbose=False,
        )
        changed = attack.generate(rows, np.eye(int(given["classes"]))[truth])
    cpu = time.process_time() - start
    np.savez(task["answer"], changed=changed)
    print(json.dumps({"cpu": cpu, "queries": asked[0] / len(rows)}))


def onnx_model(task, given, asked):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(task["model"], options, providers=["CPUExecutionProvider"])

    def predict(rows):
        asked[0] += len(rows)
        return session.run(["probabilities"], {"numeric": np.asarray(rows, np.float32)})[0]

    bounds = float(given["low"]), float(given["high"])
    return BlackBoxClassifier(predict, given["rows"].shape[1:], int(given["classes"]), clip_values=bounds)


def sklearn_model(task, given, asked):
    model = pickle.loads(Path(task["model"]).read_bytes())  # the benchmark has just written it
    predict = model.predict_proba

    def counted(rows):
        asked[0] += len(rows)
        return predict(rows)

    model.predict_proba = counted
    return SklearnClassifier(model, clip_values=(float(given["low"]), float(given["high"])))


def torch_model(task, given, asked):
    layers = np.load(task["model"])
    modules = []
    for place in range(len(layers.files) // 2):
        layer = torch.nn.Linear(*layers[f"weights{place}"].shape)
        layer.weight.data = torch.tensor(layers[f"weights{place}"].T)
        layer.bias.data = torch.tensor(layers[f"bias{place}"])
        modules += [layer, torch.nn.ReLU()]

    class Network(torch.nn.Sequential):
        def forward(self, rows):
            """Scores of the rows."""
            asked[0] += len(rows)
            return super().forward(rows.float())

    bounds = float(given["low"]), float(given["high"])
    loss = torch.nn.CrossEntropyLoss()
    shape, classes = given["rows"].shape[1:], int(given["classes"])
    return PyTorchClassifier(Network(*modules[:-1]), loss, shape, classes, clip_values=bounds, device_type="cpu")


if __name__ == "__main__":
    main()
