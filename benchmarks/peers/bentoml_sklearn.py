"""BentoML around scikit-learn, one worker.

Run in an environment of its own: python bentoml_sklearn.py PORT TABLE KIND
"""

import os
import sys
from pathlib import Path

import bentoml
import numpy as np
from sklearn_model import KIND, TABLE, fit_from_environment


@bentoml.service(workers=1)
class Scorer:
    """The model, as BentoML's guide lays out a service."""

    def __init__(self) -> None:
        self._model = fit_from_environment()

    @bentoml.api
    def predict(self, rows: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        """Probabilities of each class for each row."""
        return self._model.predict_proba(rows)  # type: ignore[no-any-return]


def main() -> None:
    port, os.environ[TABLE], os.environ[KIND] = sys.argv[1:4]
    here = Path(__file__).resolve()
    os.environ["PYTHONPATH"] = str(here.parent)
    bentoml_command = Path(sys.executable).parent / "bentoml"
    service = f"{here.stem}:Scorer"
    arguments = ["serve", service, "--working-dir", str(here.parent), "--host", "127.0.0.1", "--port", port]
    os.execv(bentoml_command, [str(bentoml_command), *arguments])


if __name__ == "__main__":
    main()
