"""MLflow around scikit-learn, one worker.

The model is saved in the current folder, and served as MLflow's guide shows it.
Run in an environment of its own: python mlflow_sklearn.py PORT TABLE KIND
"""

import os
import sys
from pathlib import Path

import mlflow.sklearn
from sklearn_model import fit


def main() -> None:
    port, table, kind = sys.argv[1:4]
    trusted = ["sklearn.tree._tree.Tree"]  # as its error asks for: the forest is our own
    mlflow.sklearn.save_model(fit(table, kind), "model", pyfunc_predict_fn="predict_proba", skops_trusted_types=trusted)
    mlflow_command = Path(sys.executable).parent / "mlflow"
    arguments = ["models", "serve", "-m", "model", "--env-manager", "local", "-h", "127.0.0.1", "-p", port, "-w", "1"]
    path = f"{mlflow_command.parent}{os.pathsep}{os.environ['PATH']}"  # it looks for uvicorn there
    os.execve(mlflow_command, [str(mlflow_command), *arguments], {**os.environ, "PATH": path})


if __name__ == "__main__":
    main()
