"""MLServer around scikit-learn, one worker.

The folder of the model, as MLServer's guide lays it out, is made in the current folder.
Run in an environment of its own: python mlserver_sklearn.py PORT TABLE KIND
"""

import json
import os
import socket
import sys
from pathlib import Path

import joblib
from sklearn_model import fit


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def main() -> None:
    port, table, kind = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    joblib.dump(fit(table, kind), "model.joblib")
    settings = {"host": "127.0.0.1", "http_port": port, "grpc_port": free_port(), "metrics_port": free_port()}
    Path("settings.json").write_text(json.dumps({**settings, "parallel_workers": 1, "debug": False}))
    model = {
        "name": "bench",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./model.joblib"},
    }
    Path("model-settings.json").write_text(json.dumps(model))
    mlserver = Path(sys.executable).parent / "mlserver"
    os.execv(mlserver, [str(mlserver), "start", "."])


if __name__ == "__main__":
    main()
