"""One route of Starlette around ONNX Runtime, with no safeguard at all.

Run: python starlette_onnx.py PORT MODEL.onnx
"""

import sys
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime as ort
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


class Tensor(msgspec.Struct):
    """An input of the Open Inference Protocol."""

    name: str
    shape: list[int]
    data: list[float]


class Body(msgspec.Struct):
    """A request of the Open Inference Protocol."""

    inputs: list[Tensor]


def application(model: bytes) -> Starlette:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    decoder = msgspec.json.Decoder(Body)

    async def infer(request: Request) -> Response:
        tensor = decoder.decode(await request.body()).inputs[0]
        rows = np.array(tensor.data, np.float32).reshape(tensor.shape)
        (scores,) = session.run(["probabilities"], {"numeric": rows})
        output = {"name": "probabilities", "datatype": "FP32", "shape": scores.shape, "data": scores.ravel().tolist()}
        return Response(msgspec.json.encode({"outputs": [output]}), media_type="application/json")

    return Starlette(routes=[Route("/infer", infer, methods=["POST"])])


if __name__ == "__main__":
    app = application(Path(sys.argv[2]).read_bytes())
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", log_level="error")
