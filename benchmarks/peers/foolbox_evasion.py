"""Foolbox's HopSkipJump on rows of a model: reads a task in JSON and NumPy files, prints what was found in JSON."""

import json
import sys
import time

import eagerpy as ep
import foolbox as fb
import numpy as np
import onnxruntime as ort
import torch


class OnnxModel(fb.models.base.Model):
    """A model that ONNX Runtime runs, as Foolbox takes it."""

    def __init__(self, path, low, high):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._bounds = fb.types.Bounds(low, high)
        self.asked = 0

    @property
    def bounds(self):
        """Least and largest value of a number."""
        return self._bounds

    def __call__(self, inputs):
        """Scores of the rows."""
        rows, restore = ep.astensor_(inputs)
        self.asked += len(rows)
        (scores,) = self.session.run(["probabilities"], {"numeric": rows.numpy().astype(np.float32)})
        return restore(ep.astensor(torch.from_numpy(scores)))


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    task = json.loads(sys.argv[1])
    given = np.load(task["rows"])
    rows, truth, starts = (torch.tensor(given[name]) for name in ("rows", "truth", "starts"))
    model = OnnxModel(task["model"], float(given["low"]), float(given["high"]))
    attack = fb.attacks.HopSkipJumpAttack(steps=task["steps"])
    start = time.process_time()
    changed = attack.run(model, rows, fb.criteria.Misclassification(truth), starting_points=starts)
    cpu = time.process_time() - start
    np.savez(task["answer"], changed=changed.numpy())
    print(json.dumps({"cpu": cpu, "queries": model.asked / len(rows)}))


if __name__ == "__main__":
    main()
