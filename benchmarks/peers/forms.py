"""The requests of the benchmark: the same rows, in the form that each server's documentation shows."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Row = Sequence[float]
Form = Callable[[Row], dict[str, Any]]


def tensor(row: Row) -> dict[str, Any]:
    """One tensor of the Open Inference Protocol."""
    return {"inputs": [{"name": "numeric", "shape": [1, len(row)], "datatype": "FP32", "data": list(row)}]}


def named_tensors(row: Row) -> dict[str, Any]:
    """A tensor for each feature."""
    return {
        "inputs": [
            {"name": f"x{place}", "shape": [1], "datatype": "FP64", "data": [value]} for place, value in enumerate(row)
        ]
    }


def mlserver(row: Row) -> dict[str, Any]:
    """As ``tensor``, with the output that gives probabilities."""
    return {**tensor(row), "outputs": [{"name": "predict_proba"}]}


def mlflow(row: Row) -> dict[str, Any]:
    """Rows for MLflow's scoring server."""
    return {"inputs": [list(row)]}


def bentoml(row: Row) -> dict[str, Any]:
    """The argument of the service's method."""
    return {"rows": [list(row)]}


def litserve(row: Row) -> dict[str, Any]:
    """What the API decodes."""
    return {"input": [list(row)]}


def http(path: str, form: Form, row: Row, headers: Sequence[str] = ()) -> bytes:
    """One request of HTTP/1.1."""
    body = json.dumps(form(row))
    fields = ["Host: localhost", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([f"POST {path} HTTP/1.1", *fields, "", body]).encode()


def write_requests(path: Path, requests: Sequence[bytes]) -> Path:
    """Write them as the load client reads them."""
    path.write_text(json.dumps([request.decode("latin-1") for request in requests]), "ascii")
    return path
