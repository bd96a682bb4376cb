"""A route of FastAPI that has pydantic read and write the body, and no model at all.

Run: python fastapi_echo.py PORT
"""

import sys

import pydantic
import uvicorn
from fastapi import FastAPI


class Tensor(pydantic.BaseModel):
    """An input of the Open Inference Protocol."""

    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class Body(pydantic.BaseModel):
    """A request of the Open Inference Protocol."""

    inputs: list[Tensor]


app = FastAPI()


@app.post("/infer")
async def echo(body: Body) -> Body:
    return body


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", log_level="error")
