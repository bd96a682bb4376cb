"""A peer of the gateway: FastAPI around scikit-learn, as tutorials show it, with no safeguard at all.

Run in an environment of its own: python fastapi_sklearn.py PORT TABLE.csv
"""

import sys

import numpy as np
import pydantic
import uvicorn
from fastapi import FastAPI
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class Tensor(pydantic.BaseModel):
    """An input of the Open Inference Protocol."""

    name: str
    data: list[float]


class Body(pydantic.BaseModel):
    """A request of the Open Inference Protocol."""

    inputs: list[Tensor]


def application(table: str) -> FastAPI:
    values = np.loadtxt(table, delimiter=",", skiprows=1)
    features = values.shape[1] - 1
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(values[:, :-1], values[:, -1])
    app = FastAPI()

    @app.post("/infer")
    async def infer(body: Body) -> dict[str, list[dict[str, object]]]:
        columns = {tensor.name: tensor.data for tensor in body.inputs}
        rows = np.array([columns[f"x{i}"] for i in range(features)]).T
        scores = model.predict_proba(rows)
        return {"outputs": [{"name": "probabilities", "shape": scores.shape, "data": scores.ravel().tolist()}]}

    return app


if __name__ == "__main__":
    app = application(sys.argv[2])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", log_level="error")
