"""FastAPI around scikit-learn, as tutorials show it, with no safeguard at all.

Run in an environment of its own: python fastapi_sklearn.py PORT TABLE.csv KIND
"""

import sys

import numpy as np
import pydantic
import uvicorn
from fastapi import FastAPI
from sklearn_model import fit


class Tensor(pydantic.BaseModel):
    """An input of the Open Inference Protocol."""

    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class Body(pydantic.BaseModel):
    """A request of the Open Inference Protocol."""

    inputs: list[Tensor]


def application(table: str, kind: str) -> FastAPI:
    model = fit(table, kind)
    app = FastAPI()

    @app.post("/infer")
    async def infer(body: Body) -> dict[str, list[dict[str, object]]]:
        tensor = body.inputs[0]
        scores = model.predict_proba(np.array(tensor.data).reshape(tensor.shape))
        return {"outputs": [{"name": "probabilities", "shape": scores.shape, "data": scores.ravel().tolist()}]}

    return app


if __name__ == "__main__":
    app = application(*sys.argv[2:])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", log_level="error")
