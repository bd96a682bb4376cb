"""LitServe around scikit-learn, one worker.

Run in an environment of its own: python litserve_sklearn.py PORT TABLE KIND
"""

import sys
from typing import Any

import litserve as ls
import numpy as np
from sklearn_model import fit


class Scorer(ls.LitAPI):
    """The model, as LitServe's guide lays out an API."""

    def __init__(self, table: str, kind: str) -> None:
        super().__init__()
        self._table, self._kind = table, kind

    def setup(self, device: str) -> None:
        """Make the model, in the worker."""
        self._model = fit(self._table, self._kind)

    def decode_request(self, request: dict[str, Any]) -> Any:
        """Rows."""
        return np.array(request["input"])

    def predict(self, x: Any) -> Any:
        """Probabilities of each class for each row."""
        return self._model.predict_proba(x)

    def encode_response(self, output: Any) -> dict[str, Any]:
        """What is sent."""
        return {"output": output.tolist()}


if __name__ == "__main__":
    server = ls.LitServer(Scorer(sys.argv[2], sys.argv[3]), accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="error")
