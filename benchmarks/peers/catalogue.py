"""Every server that the gateway is compared with: its script, its environment, and how it is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import peers.forms as ask
from peers.environments import BENTOML, FASTAPI, LITSERVE, MLFLOW, MLSERVER, OWN, STARLETTE, Environment

HERE = Path(__file__).resolve().parent
LOGISTIC, FOREST, NO_MODEL = "logistic_regression", "random_forest", "none"


@dataclass(frozen=True)
class Project:
    """Where the parts of a project's model are: its table, the opened model and signature, and the kind of model."""

    kind: str
    table: Path
    model: Path
    signature: Path


def nothing(_: Project) -> list[str]:
    """An echo needs no model."""
    return []


def onnx(project: Project) -> list[str]:
    """The model of the release itself."""
    return [str(project.model)]


def onnx_with_signature(project: Project) -> list[str]:
    """The model of the release, and what it takes."""
    return [str(project.model), str(project.signature)]


def table(project: Project) -> list[str]:
    """The same model, fitted again with scikit-learn."""
    return [str(project.table), project.kind]


@dataclass(frozen=True)
class Peer:
    """A server without any safeguard. ``heavy`` ones are left out of a quick run."""

    name: str
    script: str
    environment: Environment
    arguments: Callable[[Project], list[str]]
    path: str = "/infer"
    form: ask.Form = ask.tensor
    heavy: bool = False

    def command(self, port: int, project: Project) -> list[str]:
        """Command that starts it; raises NotInstalledError."""
        return [str(self.environment.python()), str(HERE / self.script), str(port), *self.arguments(project)]


BARE = Peer("secmlops, every guard off", "bare_gateway.py", OWN, onnx_with_signature)
ASGI_ECHO = Peer("bare ASGI echo", "asgi_echo.py", OWN, nothing)
RAW_ECHO = Peer("raw uvloop echo, reads no HTTP", "raw_echo.py", OWN, nothing)
STARLETTE_ECHO = Peer("Starlette echo", "starlette_echo.py", STARLETTE, nothing)
FASTAPI_ECHO = Peer("FastAPI + pydantic echo", "fastapi_echo.py", FASTAPI, nothing)
STARLETTE_ONNX = Peer("Starlette + ONNX Runtime", "starlette_onnx.py", STARLETTE, onnx)
FASTAPI_SKLEARN = Peer("FastAPI + scikit-learn", "fastapi_sklearn.py", FASTAPI, table)
HEAVY = (
    Peer("MLflow", "mlflow_sklearn.py", MLFLOW, table, "/invocations", ask.mlflow, heavy=True),
    Peer("BentoML", "bentoml_sklearn.py", BENTOML, table, "/predict", ask.bentoml, heavy=True),
    Peer("MLServer", "mlserver_sklearn.py", MLSERVER, table, "/v2/models/bench/infer", ask.mlserver, heavy=True),
    Peer("LitServe", "litserve_sklearn.py", LITSERVE, table, "/predict", ask.litserve, heavy=True),
)
ECHOES = (RAW_ECHO, ASGI_ECHO, STARLETTE_ECHO, FASTAPI_ECHO)
WITH_MODEL = (BARE, STARLETTE_ONNX, FASTAPI_SKLEARN, *HEAVY)
